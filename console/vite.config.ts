import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a running Tocsin. */
const TOCSIN = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: "../src/tocsin/console",
    emptyOutDir: true,
    // The palette is written with light-dark(), which these browsers know.
    target: ["chrome123", "firefox120", "safari17.5"],
    // An address of data: in a style sheet is what the policy of the pages refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { "/api": TOCSIN, "/readyz": TOCSIN },
  },
});
