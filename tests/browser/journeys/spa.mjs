// A page without a server of its own signs in from its own origin: a public client, PKCE and CORS. Another origin is not heard.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { onward } from "../hands.mjs";

export async function spa(visit) {
  const { ann } = visit.site.users;
  const [ours, other] = [await serve(), await serve()];
  const create = ["clients", "create", "--type", "spa", "--name", "A page", "--redirect-uri", `${ours.origin}/callback`];
  const { client_id } = visit.operate(create);
  for (const site of [ours, other]) {
    site.settings = { issuer: visit.issuer, client_id };
  }

  const page = await visit.newcomer();
  await page.goto(ours.origin);
  await onward(page, () => page.getByRole("button", { name: "Sign in" }).click());
  await onward(page, () => visit.signIn(page, ann));
  await onward(page, () => page.getByRole("button", { name: "Allow" }).click());
  await page.getByText(`Signed in as ${ann.id}.`).waitFor();
  assert.equal(page.url(), `${ours.origin}/`, "the code is not in the address any more");
  await page.getByRole("button", { name: "Renew" }).click();
  await page.getByText("Renewed.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Given back: 200.").waitFor();
  await page.getByText("Nobody is signed in.").waitFor();
  assert.deepEqual(page.complaints, []);

  await refused(visit, other, client_id);
  ours.server.close();
  other.server.close();
}

/** A browser does not let a page of another origin read what the token endpoint says of this client. */
async function refused(visit, other, client_id) {
  const page = await visit.newcomer();
  await page.goto(other.origin);
  const heard = await page.evaluate(
    async ([url, form]) => {
      try {
        return (await fetch(url, { method: "POST", body: new URLSearchParams(form) })).status;
      } catch (error) {
        return error.name;
      }
    },
    [visit.url("/oauth/token"), { grant_type: "refresh_token", refresh_token: "x", client_id }],
  );
  assert.equal(heard, "TypeError");
}

async function serve() {
  const site = {};
  site.server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://page");
    const [type, content] =
      pathname === "/settings.json" ? ["application/json", JSON.stringify(site.settings)]
      : pathname === "/spa.js" ? ["text/javascript", await file("spa.js")]
      : ["text/html; charset=utf-8", await file("index.html")];
    response.setHeader("content-type", type);
    response.end(content);
  });
  site.server.listen(0, "127.0.0.1");
  await once(site.server, "listening");
  site.origin = `http://127.0.0.1:${site.server.address().port}`;
  return site;
}

function file(name) {
  return readFile(new URL(`../spa/${name}`, import.meta.url));
}
