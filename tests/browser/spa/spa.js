// A page without a server of its own: a public client with PKCE, which keeps its tokens in memory.
const settings = await (await fetch("/settings.json")).json();
const metadata = await (await fetch(`${settings.issuer}/.well-known/openid-configuration`)).json();
const callback = `${location.origin}/callback`;
let tokens;

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function post(url, form) {
  const body = new URLSearchParams({ client_id: settings.client_id, ...form });
  const answer = await fetch(url, { method: "POST", body });
  return { status: answer.status, ...JSON.parse((await answer.text()) || "{}") };
}

async function begin() {
  const [state, verifier] = [random(), random()];
  sessionStorage.setItem("pending", JSON.stringify({ state, verifier }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  location.assign(
    `${metadata.authorization_endpoint}?${new URLSearchParams({
      client_id: settings.client_id,
      redirect_uri: callback,
      response_type: "code",
      scope: "openid profile offline_access",
      state,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
    })}`,
  );
}

async function finish() {
  const answer = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem("pending"));
  sessionStorage.removeItem("pending");
  history.replaceState(null, "", "/");
  if (answer.get("state") !== pending?.state || answer.get("iss") !== metadata.issuer) {
    show("said", "This was not asked here.");
    return;
  }
  const form = { grant_type: "authorization_code", code: answer.get("code"), redirect_uri: callback };
  tokens = await post(metadata.token_endpoint, { ...form, code_verifier: pending.verifier });
  await greet();
}

async function greet() {
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const answer = await fetch(metadata.userinfo_endpoint, { headers });
  show("who", answer.ok ? `Signed in as ${(await answer.json()).sub}.` : "Nobody is signed in.");
}

async function renew() {
  const renewed = await post(metadata.token_endpoint, {
    grant_type: "refresh_token",
    refresh_token: tokens.refresh_token,
  });
  tokens = { ...tokens, ...renewed };
  show("said", renewed.status === 200 ? "Renewed." : renewed.error);
}

async function end() {
  const { status } = await post(metadata.revocation_endpoint, { token: tokens.refresh_token });
  show("said", `Given back: ${status}.`);
  await greet();
}

document.getElementById("sign-in").addEventListener("click", begin);
document.getElementById("renew").addEventListener("click", renew);
document.getElementById("sign-out").addEventListener("click", end);
if (location.pathname === "/callback") {
  await finish();
}
