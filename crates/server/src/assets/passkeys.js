// Lets people use passkeys: shows the page's forms that ask for one, and sends them with what the browser answers.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

// What the form asks, as browsers want it.
function asked(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
  return options;
}

// What the browser answers, as the server reads it.
function answer({ id, rawId, type, response }) {
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    said.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: said });
}

function send(form, credential) {
  if (!credential) return;
  form.elements.credential.value = answer(credential);
  form.submit();
}

// Says below the button why nothing happened.
function tell(form, error) {
  const known = error.name === "InvalidStateError";
  let place = form.querySelector("[role=alert]");
  if (!place) {
    place = document.createElement("p");
    place.setAttribute("role", "alert");
    form.append(place);
  }
  place.textContent = known ? form.dataset.known : form.dataset.failed;
}

// The browser's own offer, in the list of a field; ended when somebody presses a button.
let offer = new AbortController();

async function use(form) {
  offer.abort();
  try {
    const publicKey = asked(form);
    const making = form.dataset.passkey === "create";
    send(form, await navigator.credentials[making ? "create" : "get"]({ publicKey }));
  } catch (error) {
    tell(form, error);
  }
}

async function offerBelow(form) {
  if (!document.querySelector("input[autocomplete~=webauthn]")) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    const publicKey = asked(form);
    send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal: offer.signal }));
  } catch {
    // Nobody has asked for anything: the button is there.
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      use(form);
    });
  }
  const form = document.querySelector("form[data-passkey=get]");
  if (form) offerBelow(form);
}
