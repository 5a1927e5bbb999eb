import type { Kit } from "./parts.ts";

/* A text with variables: the field of the form keeps `{greeting}`, people see and move «Имя Отчество». */

let kit: Kit;
const PLACE = /\{(\w+)\}/g;

function labels(): Map<string, string> {
  return new Map(kit.all("[data-insert]").map((button) => [button.dataset.insert ?? "", button.dataset.label ?? ""]));
}

function chip(name: string, label: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "px-1 rounded-[4px] bg-info-soft text-info-ink font-medium whitespace-nowrap";
  element.contentEditable = "false";
  element.dataset.name = name;
  element.textContent = label;
  return element;
}

function fill(box: HTMLElement, text: string): void {
  const known = labels();
  box.replaceChildren();
  let at = 0;
  for (const found of text.matchAll(PLACE)) {
    const label = known.get(found[1]!);
    if (!label) continue;
    box.append(text.slice(at, found.index), chip(found[1]!, label));
    at = found.index + found[0].length;
  }
  box.append(text.slice(at));
}

function read(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof HTMLElement)) return "";
  if (node.dataset.name) return `{${node.dataset.name}}`;
  if (node instanceof HTMLBRElement) return "\n";
  const inner = [...node.childNodes].map(read).join("");
  return node instanceof HTMLDivElement && !node.dataset.box ? `\n${inner}` : inner;
}

function boxOf(field: HTMLTextAreaElement): HTMLElement {
  const box = document.createElement("div");
  box.className = "input";
  Object.assign(box.style, {
    display: "block", height: "auto", minHeight: "124px", padding: "9px 11px", lineHeight: "24px", whiteSpace: "pre-wrap",
    overflowWrap: "anywhere", cursor: "text",
  });
  try {
    box.contentEditable = "plaintext-only";
  } catch {
    box.contentEditable = "true"; // a browser that knows no plain text pastes rich one; only its words are read
  }
  box.dataset.box = "1";
  box.id = `${field.id}-box`;
  box.tabIndex = 0;
  box.lang = field.lang;
  box.spellcheck = true;
  box.setAttribute("role", "textbox");
  box.setAttribute("aria-multiline", "true");
  box.setAttribute("aria-label", kit.find(`label[for="${field.id}"]`)?.textContent ?? "");
  const described = field.getAttribute("aria-describedby");
  if (described) box.setAttribute("aria-describedby", described);
  return box;
}

function take(box: HTMLElement, field: HTMLTextAreaElement): void {
  const text = read(box).replace(/\u00a0/g, " ");
  if (text === field.value) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function dress(field: HTMLTextAreaElement): void {
  if (field.dataset.dressed) return;
  field.dataset.dressed = "1";
  const box = boxOf(field);
  let saved = field.value;
  fill(box, field.value);
  field.hidden = true;
  field.after(box);
  box.addEventListener("input", () => take(box, field));
  box.addEventListener("click", stepOut);
  box.addEventListener("blur", () => {
    take(box, field);
    if (field.value === saved) return;
    saved = field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("focus", () => box.focus());
}

/* Inside a variable nothing can be typed: a click on it puts the caret behind it. */
function stepOut(event: Event): void {
  const inside = (event.target as Element).closest("[data-name]");
  if (inside) getSelection()?.collapse(inside.parentNode, [...inside.parentNode!.childNodes].indexOf(inside) + 1);
}

function insert(button: HTMLElement): void {
  const box = kit.find("[data-box]");
  const field = kit.find<HTMLTextAreaElement>("[data-words]");
  if (!box || !field) return;
  const selection = getSelection();
  const inside = selection?.rangeCount && box.contains(selection.anchorNode);
  const range = inside ? selection.getRangeAt(0) : document.createRange();
  if (!inside) {
    range.selectNodeContents(box);
    range.collapse(false);
  }
  const within = (range.startContainer instanceof Element ? range.startContainer : range.startContainer.parentElement)?.closest("[data-name]");
  if (within) {
    range.setStartAfter(within);
    range.collapse(true);
  }
  range.deleteContents();
  const element = chip(button.dataset.insert ?? "", button.dataset.label ?? "");
  range.insertNode(element);
  range.setStartAfter(element);
  range.collapse(true);
  box.focus();
  selection?.removeAllRanges();
  selection?.addRange(range);
  take(box, field);
}

export function startWords(tools: Kit): void {
  kit = tools;
  const dressAll = (): void => kit.all<HTMLTextAreaElement>("textarea[data-words]").forEach((field) => dress(field));
  kit.on("mousedown", "[data-insert]", (_button, event) => event.preventDefault()); // the caret stays in the text
  kit.on("click", "[data-insert]", insert);
  document.addEventListener("htmx:afterSettle", dressAll);
  dressAll();
}
