// How the page is built and served: at one port, because the server lists its origin, and talking to nobody but the two.
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

declare const process: { env: Record<string, string | undefined> };

/** Where the two are; by default, where `tokenry dev` has them. */
const { ISSUER = "http://127.0.0.1:8700", API_URL = "http://127.0.0.1:8701" } = process.env;
const ADDRESS = { host: "127.0.0.1", port: 8705, strictPort: true };

export default defineConfig({
  define: { ISSUER: base(ISSUER), API_URL: base(API_URL) },
  plugins: [react(), policy([ISSUER, API_URL])],
  server: ADDRESS,
  // What a page cannot say of itself. Whatever serves it in earnest has to say it as well.
  preview: { ...ADDRESS, headers: { "Content-Security-Policy": "frame-ancestors 'none'" } },
});

/** As text in the source, to put paths behind. */
function base(url: string) {
  return JSON.stringify(url.replace(/\/$/, ""));
}

/** Passwords are typed into this page: no script runs in it but its own, and it talks to those two alone. */
function policy(urls: string[]): Plugin {
  const servers = urls.map((url) => new URL(url).origin).join(" ");
  const content = `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ${servers}; base-uri 'none'; form-action 'none'`;
  return {
    name: "content-security-policy",
    // The development server puts scripts of its own into the page.
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" },
    ],
  };
}
