// Chromium's virtual authenticator: a device that somebody carries, and has in their hand or not.
export class Device {
  #session;
  #id;

  constructor(session, id) {
    this.#session = session;
    this.#id = id;
  }

  /** A new one, with a screen lock, which nobody touches yet. */
  static async of(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const options = {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    };
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
    return new Device(session, authenticatorId);
  }

  /** Whether its owner touches it when it asks. */
  touched(enabled) {
    return this.#send("setAutomaticPresenceSimulation", { enabled });
  }

  /** Whether whoever touches it can unlock it. */
  unlocked(isUserVerified) {
    return this.#send("setUserVerified", { isUserVerified });
  }

  async keys() {
    return (await this.#send("getCredentials")).credentials;
  }

  /** It is gone, with its keys. */
  lost() {
    return this.#send("removeVirtualAuthenticator");
  }

  #send(what, more = {}) {
    return this.#session.send(`WebAuthn.${what}`, { authenticatorId: this.#id, ...more });
  }
}
