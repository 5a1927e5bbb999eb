/* What the telephone's window and the other pages of a person tell each other over the channel “telephone”. */
export type Told = { state: string; muted: boolean };
export type Asked = { act: string };
