/* The connection: what the visitor wrote is kept here until the server says that it is stored. */

export interface Sent {
  name: string;
  size: number;
  path: string;
  picture: boolean;
}

export interface Message {
  id: number;
  mine: boolean;
  cid: string;
  who: string;
  text: string;
  at: string;
  files?: Sent[];
}

export interface Opening {
  token: string;
  name: string;
  open: boolean;
  text: string;
  history: Message[];
  seen: string;
}

export interface Listener {
  ready(opening: Opening): void;
  news(message: Message): void;
  stored(cid: string, id: number, at: string, files: Sent[]): void;
  seen(at: string): void;
  typing(): void;
  refused(code: string, cid: string): void;
  lost(is: boolean): void;
}

interface Waiting {
  cid: string;
  text: string;
}

const LONGEST_PAUSE = 30000;
const RETRIED = new Set(["later", "slower"]);

/* A browser that keeps nothing still chats while the page is open. */
function kept<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* private mode */
  }
}

function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Line {
  #url: string;
  #listener: Listener;
  #store: string;
  #socket: WebSocket | null = null;
  #isReady = false;
  #pause = 500;
  #typedAt = 0;
  #token: string;
  #waiting: Waiting[];

  constructor(url: string, key: string, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
    this.#store = `clientela-chat-${key}`;
    this.#token = kept(this.#store, "");
    this.#waiting = kept<Waiting[]>(`${this.#store}-out`, []);
    addEventListener("online", () => this.open());
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  get isKnown(): boolean {
    return this.#token !== "";
  }

  open(): void {
    if (this.#socket) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#send({ t: "hello", token: this.#token });
    socket.onmessage = (event: MessageEvent<string>) => this.#hear(JSON.parse(event.data) as Record<string, unknown>);
    socket.onclose = () => {
      this.#socket = null;
      this.#isReady = false;
      this.#listener.lost(true);
      setTimeout(() => this.open(), this.#pause * (0.7 + Math.random() * 0.6));
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    };
  }

  say(text: string): string {
    const one = { cid: freshId(), text };
    this.#waiting.push(one);
    this.#keepWaiting();
    if (this.#isReady) this.#send({ t: "say", ...one });
    return one.cid;
  }

  /* A file goes beside the socket: its own request tells how far it is. */
  give(url: string, file: File, progress: (part: number) => void): string {
    const cid = freshId();
    const body = new FormData();
    body.append("token", this.#token);
    body.append("cid", cid);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const told = (request.response ?? {}) as { id?: number; at?: string; files?: Sent[]; code?: string };
      if (request.status === 200) this.#listener.stored(cid, told.id ?? 0, told.at ?? "", told.files ?? []);
      else this.#listener.refused(request.status === 413 ? "file_large" : told.code ?? "file_lost", cid);
    };
    request.onerror = () => this.#listener.refused("file_lost", cid);
    request.open("POST", url);
    request.send(body);
    return cid;
  }

  typing(): void {
    if (!this.#isReady || Date.now() - this.#typedAt < 3000) return;
    this.#typedAt = Date.now();
    this.#send({ t: "typing" });
  }

  introduce(name: string, phone: string, consent: boolean): void {
    this.#send({ t: "who", cid: "who", name, phone, consent });
  }

  note(kind: "got" | "read", ids: number[]): void {
    if (ids.length) this.#send({ t: kind, ids });
  }

  #hear(frame: Record<string, unknown>): void {
    const cid = String(frame.cid ?? "");
    if (frame.t === "ready") {
      const opening = frame as unknown as Opening;
      this.#token = opening.token;
      keep(this.#store, this.#token);
      const stored = new Set(opening.history.map((message) => message.cid));
      this.#waiting = this.#waiting.filter((one) => !stored.has(one.cid));
      this.#keepWaiting();
      this.#isReady = true;
      this.#pause = 500;
      this.#listener.lost(false);
      this.#listener.ready(opening);
      this.note("got", opening.history.filter((message) => !message.mine).map((message) => message.id));
      for (const one of this.#waiting) this.#send({ t: "say", ...one });
    } else if (frame.t === "news") {
      const message = frame.message as Message;
      this.#listener.news(message);
      this.note("got", [message.id]);
    } else if (frame.t === "seen") {
      this.#listener.seen(String(frame.at));
    } else if (frame.t === "typing") {
      this.#listener.typing();
    } else if (frame.t === "ok") {
      this.#forget(cid);
      this.#listener.stored(cid, Number(frame.id ?? 0), String(frame.at ?? ""), []);
    } else if (frame.t === "error") {
      const code = String(frame.code);
      if (RETRIED.has(code)) setTimeout(() => this.#again(cid), 2500);
      else this.#forget(cid);
      this.#listener.refused(code, cid);
    }
  }

  #again(cid: string): void {
    const one = this.#waiting.find((waiting) => waiting.cid === cid);
    if (one && this.#isReady) this.#send({ t: "say", ...one });
  }

  #forget(cid: string): void {
    this.#waiting = this.#waiting.filter((one) => one.cid !== cid);
    this.#keepWaiting();
  }

  #keepWaiting(): void {
    keep(`${this.#store}-out`, this.#waiting);
  }

  #send(frame: Record<string, unknown>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
