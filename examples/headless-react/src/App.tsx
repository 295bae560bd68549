// The page: asks who is signed in, and shows the sign-in form or the timesheets.
import { useCallback, useEffect, useState } from "react";
import { Alert } from "./Alert";
import { Problem } from "./ask";
import { current, type Session } from "./session";
import { SignIn } from "./SignIn";
import { Timesheets } from "./Timesheets";

/** `null`: nobody; `undefined`: not known yet. */
type Known = Session | null | undefined;

export function App() {
  const [session, setSession] = useState<Known>();
  const [problem, setProblem] = useState<Error>();

  const look = useCallback(async (signal?: AbortSignal) => {
    try {
      setSession(await current(signal));
    } catch (error) {
      if (signal?.aborted) {
        return;
      }
      if (error instanceof Problem && error.isOfAnotherSession) {
        setSession(null);
      } else {
        setProblem(error as Error);
      }
    }
  }, []);
  useEffect(() => {
    const leaving = new AbortController();
    void look(leaving.signal);
    return () => leaving.abort();
  }, [look]);

  /** The session has ended, or somebody else has signed in here: whoever it is now, they are told before they go on. */
  async function lost() {
    await look();
    setProblem(new Error("Your session has ended, or is another one now. See who is signed in, and try again."));
  }

  function set(next: Session | null) {
    setProblem(undefined);
    setSession(next);
  }

  if (session === undefined) {
    return (
      <>
        <h1>Timesheets</h1>
        <Alert problem={problem} />
        {problem ? <button type="button" onClick={() => location.reload()}>Try again</button> : <p role="status">Loading…</p>}
      </>
    );
  }
  return (
    <>
      <Alert problem={problem} />
      {session === null
        ? <SignIn onSignedIn={set} />
        : <Timesheets key={session.csrf_token} session={session} onLost={lost} onSignedOut={() => set(null)} />}
    </>
  );
}
