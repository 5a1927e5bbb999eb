/* A block of cells as text between spreadsheets: cells by tabs, rows by lines; what holds either stands in quotes. */

export function textOf(lines: string[][]): string {
  return lines.map((line) => line.map((one) => (/[\t\n"]/.test(one) ? `"${one.replace(/"/g, '""')}"` : one)).join("\t")).join("\n");
}

export function blockOf(text: string): string[][] {
  const lines: string[][] = [[""]];
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  let isQuoted = false;
  for (let place = 0; place < clean.length; place += 1) {
    const letter = clean[place]!;
    const line = lines[lines.length - 1]!;
    const cell = line.length - 1;
    if (isQuoted && letter === '"' && clean[place + 1] === '"') {
      line[cell] += letter;
      place += 1;
    } else if (letter === '"' && (isQuoted || line[cell] === "")) isQuoted = !isQuoted;
    else if (isQuoted) line[cell] += letter === "\n" ? " " : letter;
    else if (letter === "\t") line.push("");
    else if (letter === "\n") lines.push([""]);
    else line[cell] += letter;
  }
  return lines;
}
