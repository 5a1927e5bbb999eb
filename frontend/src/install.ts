/* Staff pages can be installed: they name a manifest, and the worker answers when there is no connection. */
export function startInstall(): void {
  const worker = (navigator as Partial<Navigator>).serviceWorker; // none without https
  if (!worker || !document.querySelector("link[rel=manifest]")) return;
  addEventListener("load", () => {
    worker.register(`/sw.js?lang=${document.documentElement.lang}`).catch(() => undefined);
  });
}
