// The sign-in form: name and password, then the second factor and the company where the server asks for them.
import { useState, type FormEvent } from "react";
import { Alert } from "./Alert";
import { Problem } from "./ask";
import { signIn, type Company, type Proof, type Session } from "./session";

/** What the server wants beside name and password, as far as it has said so. */
interface Asked {
  code: boolean;
  companies: Company[];
}

const NOTHING: Asked = { code: false, companies: [] };

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [asked, setAsked] = useState(NOTHING);
  // Kept from one step to the next, because all of it is sent again each time.
  const [proof, setProof] = useState<Proof>({ username: "", password: "" });
  const [problem, setProblem] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const isFirstStep = asked === NOTHING;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const shown: Proof = { ...proof, ...(Object.fromEntries(new FormData(form)) as Partial<Proof>) };
    setBusy(true);
    setProblem(undefined);
    setProof(shown);
    try {
      onSignedIn(await signIn(shown));
    } catch (error) {
      const code = form.elements.namedItem("code") as HTMLInputElement | null;
      if (code) {
        // Each works once, whatever came of it.
        code.value = "";
      }
      fail(error as Error, asked.code);
    } finally {
      setBusy(false);
    }
  }

  function fail(error: Error, hadCode: boolean) {
    if (error instanceof Problem && error.code === "second_factor_required") {
      setAsked({ ...asked, code: true });
    } else if (error instanceof Problem && error.code === "company_required") {
      setAsked({ code: hadCode, companies: error.details.companies ?? [] });
    } else {
      setProblem(error);
    }
  }

  function startOver() {
    setAsked(NOTHING);
    setProof({ username: "", password: "" });
    setProblem(undefined);
  }

  return (
    <>
      <h1>Sign in to Timesheets</h1>
      <Alert problem={problem} />
      <form className="fields" onSubmit={submit}>
        {isFirstStep ? <NameAndPassword /> : <p>Signing in as {proof.username}.</p>}
        {asked.companies.length > 0 && <CompanyChoice companies={asked.companies} />}
        {asked.code && <Code isNext={asked.companies.length > 0} />}
        <button type="submit" disabled={busy}>Sign in</button>
        {!isFirstStep && <button type="button" className="quiet" onClick={startOver}>Start over</button>}
      </form>
    </>
  );
}

function NameAndPassword() {
  return (
    <>
      <label htmlFor="username">Username</label>
      <input id="username" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
      <label htmlFor="password">Password</label>
      <input id="password" name="password" type="password" autoComplete="current-password" required />
    </>
  );
}

function CompanyChoice({ companies }: { companies: Company[] }) {
  return (
    <fieldset>
      <legend>For which company?</legend>
      {companies.map((company, index) => (
        <label key={company.id}>
          <input type="radio" name="company_id" value={company.id} required autoFocus={index === 0} /> {company.name}
        </label>
      ))}
    </fieldset>
  );
}

/** `isNext`: the one before is used up. */
function Code({ isNext }: { isNext: boolean }) {
  return (
    <>
      <label htmlFor="code">Code</label>
      <input id="code" name="code" autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} aria-describedby="of-what" required autoFocus={!isNext} />
      <p id="of-what" className="hint">
        {isNext ? "The next code of your authenticator, or another recovery code." : "Of your authenticator, or a recovery code."}
      </p>
    </>
  );
}
