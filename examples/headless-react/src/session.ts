// Who is signed in: the server's JSON endpoints for pages of others. The session itself is in cookies that no script can read.
import { ask, change } from "./ask";

declare const ISSUER: string;

/** Lives in this page's memory alone; a page that is loaded again asks again. */
export interface Session {
  user: { id: string; username: string; permissions: string[] };
  company?: Company;
  csrf_token: string;
  expires_at: string;
}

export interface Company {
  id: string;
  name: string;
}

export interface Proof {
  username: string;
  password: string;
  code?: string;
  company_id?: string;
}

export async function current(signal?: AbortSignal): Promise<Session> {
  return (await ask(`${ISSUER}/session`, { signal })).json();
}

/** Needs no token: there is no session yet that it could be of. */
export async function signIn(proof: Proof): Promise<Session> {
  return (await ask(`${ISSUER}/session`, change("POST", undefined, proof))).json();
}

export async function signOut(session: Session): Promise<void> {
  await ask(`${ISSUER}/session`, change("DELETE", session.csrf_token));
}
