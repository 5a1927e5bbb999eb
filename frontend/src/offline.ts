/* The page “no connection”: asks every three seconds whether the server answers, and opens what was asked for. */
async function look(): Promise<void> {
  try {
    const answer = await fetch("/health/live", { cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    /* still away */
  }
}

addEventListener("online", () => void look());
document.querySelector("#again")?.addEventListener("click", () => void look());
setInterval(() => void look(), 3000);
export {};
