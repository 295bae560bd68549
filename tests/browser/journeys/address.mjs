// Another e-mail address: asked for, agreed to in both mailboxes, and taken back from the old one. By keyboard alone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Keyboard } from "../hands.mjs";

const PASSWORD = "quiet plum ladder forty two";

export async function anotherAddress(visit) {
  const hand = new Keyboard();
  const dana = visit.person("Dana");
  const next = `dana.${randomUUID().slice(0, 8)}@new.example`;
  const page = await visit.newcomer(Keyboard.options);
  await page.goto(visit.url("/login?next=/account"));
  await signIn(hand, page, dana.username, dana.password);

  await hand.follow(page, "Change your e-mail address");
  await hand.fill(page, "New address", next);
  await hand.press(page, "Send the links");
  await page.getByRole("heading", { name: "A change is waiting" }).waitFor();
  const allow = await visit.linkInMail(dana.username);
  const mailbox = await visit.newcomer(Keyboard.options);
  await agree(hand, mailbox, allow, "Allow the change", "Thank you");
  await page.reload();
  await page.getByText(`${dana.username}: has agreed`).waitFor();
  // The link to the new address is for whoever asked, and the browser of a mailbox knows nobody.
  const claim = await visit.linkInMail(next);
  await mailbox.goto(claim);
  await mailbox.getByRole("heading", { name: "Sign in first" }).waitFor();
  await hand.follow(mailbox, "Sign in");
  const emil = visit.person("Emil");
  await signIn(hand, mailbox, emil.username, emil.password);
  await mailbox.getByRole("heading", { name: "Another account is signed in here" }).waitFor();
  await hand.press(mailbox, "Sign out");
  await mailbox.getByRole("heading", { name: "Sign in first" }).waitFor();
  await agree(hand, page, claim, "Yes, this is mine", "The address is changed");
  await page.goto(visit.url("/account"));
  await page.getByText(next).waitFor();

  await agree(hand, mailbox, await visit.linkInMail(dana.username, allow), "It was not me: take it back", "Choose a new password");
  await hand.fill(mailbox, "New password", PASSWORD);
  await hand.press(mailbox, "Set the password");
  await hand.follow(mailbox, "Sign in");
  await signIn(hand, mailbox, dana.username, PASSWORD);
  await mailbox.getByText(dana.username).waitFor();
  await page.goto(visit.url("/account"));
  assert.equal(new URL(page.url()).pathname, "/login", "whoever had changed it is signed out");
}

async function signIn(hand, page, username, password) {
  await hand.fill(page, "Username", username);
  await hand.fill(page, "Password", password);
  await hand.press(page, "Sign in");
}

async function agree(hand, page, link, button, heading) {
  await page.goto(link);
  assert.equal(new URL(page.url()).search, "", "the link is not in the address any more");
  await hand.press(page, button);
  await page.getByRole("heading", { name: heading }).waitFor();
}
