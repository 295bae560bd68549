// An application as the authorization server sees one: asks for a code, and trades what browsers bring back to it.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

export class Application {
  #visit;
  #server;

  /** One that is registered. */
  constructor(visit, { id, secret, callback }) {
    this.#visit = visit;
    Object.assign(this, { id, secret, callback });
  }

  /** Registers one of that type, which serves nothing but the page that browsers come back to. */
  static async register(visit, type, name, scopes, more = []) {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end('<!doctype html><html lang="en"><title>Back</title><h1>Back at the application</h1>');
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const callback = `http://127.0.0.1:${server.address().port}/callback`;
    const create = ["clients", "create", "--type", type, "--name", name, "--redirect-uri", callback];
    const client = visit.operate([...create, ...more]);
    const grant = ["grants", "create", "--client", client.client_id, "--api", visit.site.audience];
    visit.operate([...grant, ...scopes.flatMap((scope) => ["--scope", scope])]);
    const application = new Application(visit, { id: client.client_id, secret: client.client_secret, callback });
    application.#server = server;
    return application;
  }

  /** Where it sends a browser. */
  request(scope, more = {}) {
    this.verifier = randomBytes(32).toString("base64url");
    const query = new URLSearchParams({
      client_id: this.id,
      redirect_uri: this.callback,
      response_type: "code",
      scope,
      audience: this.#visit.site.audience,
      state: "state of this go",
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...more,
    });
    return `/authorize?${query}`;
  }

  /** What a browser has brought back. */
  answer(page) {
    return Object.fromEntries(new URL(page.url()).searchParams);
  }

  /** The tokens of a code. */
  async redeem(code) {
    const form = { grant_type: "authorization_code", code, redirect_uri: this.callback, code_verifier: this.verifier };
    const body = new URLSearchParams({ client_id: this.id, client_secret: this.secret, ...form });
    const answer = await this.#visit.fetch("/oauth/token", { method: "POST", body });
    return { status: answer.status, ...(await answer.json()) };
  }

  close() {
    this.#server.close();
  }
}
