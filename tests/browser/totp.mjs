// The codes of an authenticator (RFC 6238, with SHA-1, 30 seconds and six digits).
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP = 30_000;

export class Authenticator {
  #key;
  #last = -1;

  /** `seed` is base32, as pages show it. */
  constructor(seed) {
    const letters = [...seed.replace(/[\s=]/g, "")].map((letter) => ALPHABET.indexOf(letter));
    const bits = letters.map((value) => value.toString(2).padStart(5, "0")).join("");
    this.#key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  }

  /** A code that was not shown before. A server takes each once, and one that is a step early. */
  async code() {
    let step = Math.max(Math.floor(Date.now() / STEP), this.#last + 1);
    while (step * STEP - Date.now() > STEP - 1_000) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      step = Math.max(Math.floor(Date.now() / STEP), this.#last + 1);
    }
    this.#last = step;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac("sha1", this.#key).update(counter).digest();
    const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  }
}
