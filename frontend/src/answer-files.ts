import type { Kit } from "./parts.ts";

/* Files of an answer: chosen, dropped or pasted, given to the server at once with the progress shown. What the server
   answers is the list of what lies beside the answer, or the same with what was wrong. Typing is told both ways. */

let kit: Kit;

const form = (target: EventTarget | null): HTMLFormElement | null =>
  (target as Element | null)?.closest?.<HTMLFormElement>("form[data-answer-files]") ?? null;

function show(html: string): void {
  const list = kit.find("#answer-files");
  if (list) kit.htmx.swap(list, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
}

function give(place: HTMLFormElement, file: File): Promise<void> {
  const bar = document.createElement("progress");
  const chip = document.createElement("span");
  chip.className = "answer-file";
  const name = document.createElement("span");
  name.className = "truncate";
  name.textContent = file.name;
  bar.max = 1;
  bar.setAttribute("aria-label", file.name);
  chip.append(name, bar);
  kit.find("#answer-files")?.append(chip);
  const body = new FormData();
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  return new Promise((done) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onload = () => {
      if (request.status === 200 || request.status === 422) show(request.responseText);
      else chip.remove();
      if (request.status !== 200 && request.status !== 422) kit.announce(kit.word("failed"));
      done();
    };
    request.onerror = () => {
      chip.remove();
      kit.announce(kit.word("failed"));
      done();
    };
    request.open("POST", place.dataset.answerFiles ?? "");
    request.setRequestHeader("X-CSRFToken", kit.find<HTMLInputElement>("[name=csrfmiddlewaretoken]", place)?.value ?? "");
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  });
}

async function giveAll(place: HTMLFormElement, files: Iterable<File>): Promise<void> {
  for (const file of [...files]) await give(place, file);
}

let typedAt = 0;
let typingEnds = 0;

/* Who chats on the site sees that an answer is being written; nothing of it is stored. */
function tell(place: HTMLFormElement): void {
  const url = kit.meta("live-url");
  const chat = place.querySelector<HTMLInputElement>("[name=channel][value=webchat]:checked");
  const talk = place.dataset.talk;
  if (!url || !chat || !talk || Date.now() - typedAt < 3000) return;
  typedAt = Date.now();
  void fetch(`${url}typing/?talk=${talk}`, { method: "POST", credentials: "include", keepalive: true }).catch(() => null);
}

export function startAnswerFiles(given: Kit): void {
  kit = given;
  document.addEventListener("change", (event) => {
    const pick = (event.target as Element).closest<HTMLInputElement>("[data-answer-pick]");
    const place = pick && form(pick);
    if (!pick || !place || !pick.files) return;
    void giveAll(place, pick.files);
    pick.value = "";
  });
  document.addEventListener("input", (event) => {
    const place = form(event.target);
    if (place && (event.target as Element).matches("textarea")) tell(place);
  });
  document.addEventListener("live", (event) => {
    const mark = (event.target as HTMLElement).closest<HTMLElement>("[data-typing]");
    if (!mark) return;
    mark.hidden = false;
    clearTimeout(typingEnds);
    typingEnds = window.setTimeout(() => (mark.hidden = true), 6000);
  }, true);
  document.addEventListener("paste", (event) => {
    const place = form(event.target);
    const files = [...(event.clipboardData?.files ?? [])];
    if (!place || !files.length) return;
    event.preventDefault();
    void giveAll(place, files);
  });
  for (const kind of ["dragover", "dragleave", "drop"] as const) {
    document.addEventListener(kind, (event) => {
      const place = form(event.target);
      if (!place || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      place.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop") void giveAll(place, event.dataTransfer.files);
    });
  }
}
