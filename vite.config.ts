import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import { sprite } from "./frontend/tools/sprite.ts";

/* Fixed names: Django's manifest storage adds the hashes. */
export default defineConfig({
  base: "./",
  publicDir: "frontend/public",
  plugins: [tailwindcss(), sprite()],
  build: {
    outDir: "clientela/foundation/ui/static/ui",
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
    rolldownOptions: {
      checks: { eval: false }, // inside htmx, and switched off by its allowEval setting
      input: {
        app: "frontend/src/app.ts",
        theme: "frontend/src/theme-first.ts",
        offline: "frontend/src/offline.ts",
        telephone: "frontend/src/telephone.ts",
        recorder: "frontend/src/recorder.ts",
        worker: "frontend/src/worker.ts",
        widget: "frontend/src/widget.ts",
        style: "frontend/styles/app.css",
        wall: "frontend/styles/wall.css",
      },
      output: {
        // Any site embeds the widget by a plain script: what it declares must not be seen there.
        banner: (chunk) => (chunk.name === "widget" ? "(() => {" : ""),
        footer: (chunk) => (chunk.name === "widget" ? "})();" : ""),
        entryFileNames: "[name].js",
        chunkFileNames: (chunk) => (chunk.moduleIds.some((id) => id.includes("alpinejs")) ? "alpine.js" : "[name].js"),
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".css") && !name.startsWith("wall")) ? "app.css" : "[name][extname]",
      },
    },
  },
});
