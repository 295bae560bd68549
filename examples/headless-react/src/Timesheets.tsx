// What is there for whoever is signed in: their company's timesheets, and a form for another one.
import { useCallback, useEffect, useState } from "react";
import { Alert } from "./Alert";
import { Problem } from "./ask";
import { NewTimesheet } from "./NewTimesheet";
import { signOut, type Session } from "./session";
import { list, type Timesheet } from "./timesheets";

interface Props {
  session: Session;
  onLost: () => void;
  onSignedOut: () => void;
}

export function Timesheets({ session, onLost, onSignedOut }: Props) {
  const [sheets, setSheets] = useState<Timesheet[]>();
  const [problem, setProblem] = useState<Error>();
  const { username, permissions } = session.user;

  /** Says what is wrong, unless the session is. */
  const fail = useCallback((error: Error) => {
    if (error instanceof Problem && error.isOfAnotherSession) {
      onLost();
    } else {
      setProblem(error);
    }
  }, []);

  const load = useCallback(async (signal?: AbortSignal) => {
    setProblem(undefined);
    try {
      setSheets(await list(signal));
    } catch (error) {
      if (!signal?.aborted) {
        fail(error as Error);
      }
    }
  }, [fail]);
  useEffect(() => {
    const leaving = new AbortController();
    void load(leaving.signal);
    return () => leaving.abort();
  }, [load]);

  return (
    <>
      <header>
        <h1 tabIndex={-1} ref={focus}>Timesheets</h1>
        <p>
          Signed in as {username}
          {session.company && ` for ${session.company.name}`}
        </p>
        <button type="button" className="quiet" onClick={() => signOut(session).then(onSignedOut, fail)}>Sign out</button>
      </header>
      <Alert problem={problem} />
      {problem && <button type="button" onClick={() => load()}>Try again</button>}
      {sheets ? <Table sheets={sheets} /> : problem === undefined && <p role="status">Loading…</p>}
      {session.company && permissions.includes("create:timesheets")
        ? <NewTimesheet session={session} onCreated={() => load()} onLost={onLost} />
        : <p>You may not enter timesheets.</p>}
    </>
  );
}

/** The form that had the focus is gone. */
function focus(element: HTMLElement | null) {
  element?.focus();
}

function Table({ sheets }: { sheets: Timesheet[] }) {
  if (sheets.length === 0) {
    return <p>There are none yet.</p>;
  }
  return (
    <table>
      <thead>
        <tr><th scope="col">Week</th><th scope="col">Employee</th><th scope="col">Hours</th><th scope="col">Approved</th></tr>
      </thead>
      <tbody>
        {sheets.map((sheet) => (
          <tr key={sheet.id}>
            <td>{sheet.week}</td><td>{sheet.employee}</td><td>{sheet.hours}</td><td>{sheet.approved_at ? "yes" : "no"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
