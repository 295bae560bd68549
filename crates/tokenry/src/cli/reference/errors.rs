//! The page of errors: the codes of OAuth, of problem details, of refusals in the audit, and the exit codes.

use tokenry_engine::manage::REASONS;
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::problem::Kind;

use super::{code, head, table};

pub(super) fn page() -> String {
    let mut page = head(
        "Errors",
        "Every answer has an `x-request-id`; `tokenry audit show REQUEST_ID` tells the operator more of a refusal than its \
         client was told. The\nexit codes of commands are on the page of the [command line](command-line.md#exit-codes).",
    );
    page.push_str(
        "\n## OAuth and OpenID Connect\n\n\
         `error` at `/oauth/*`, beside an `error_description` for the developer (RFC 6749 section 5.2). The status is that of an \
         answer that carries the code\nitself: `temporarily_unavailable` is 429 where a limit was hit, `invalid_request` is 405 \
         or 413 where HTTP has a finer word.\n",
    );
    let oauth = ErrorCode::ALL.map(|it| [code(it), it.status().to_string(), it.meaning().to_owned()]);
    page.push_str(&table(["code", "status", "meaning"], oauth));
    page.push_str(
        "\nA client that wants refusals to look as Auth0's do (`clients create --error-style auth0`) gets Auth0's codes, statuses and \
         sentences where they\ndiffer: 401 and 403 `access_denied`, 403 `unauthorized_client`, 429 `too_many_requests`. The table is in \
         [moving from Auth0](../guides/from-auth0.md).\n",
    );
    page.push_str(
        "\n## Problem details\n\n\
         `code` in `application/problem+json` (RFC 9457), beside `title`, `detail` and `request_id`.\n\n\
         ### Of the server, outside `/oauth/*`\n\nBeside these, the codes above, where a guard's own credential is refused.\n",
    );
    page.push_str(&problems(tokenry_server::problems()));
    page.push_str("\n### Of the guard, at every API\n");
    page.push_str(&problems(tokenry_guard::__refusals()));
    page.push_str("\n### Of the Timesheets demo API\n");
    page.push_str(&problems(timesheets_api::PROBLEMS.into_iter()));
    page.push_str(
        "\n## Reasons of refusals, for operators\n\n\
         `outcome` in the audit, `reason` in the log, and the label `outcome` of `tokenry_token_requests_total`. Not every one is \
         audited: what is only\ntold, such as `consent_required`, and that the server could not answer, are in the log.\n",
    );
    page.push_str(&table(
        ["reason", "meaning"],
        REASONS.iter().map(|(reason, it)| [code(reason), (*it).to_owned()]),
    ));
    page
}

fn problems(kinds: impl Iterator<Item = Kind>) -> String {
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_by_key(|kind| kind.code);
    let rows =
        kinds.into_iter().map(|kind| [code(kind.code), kind.status.to_string(), kind.meaning.to_owned()]);
    table(["code", "status", "meaning"], rows)
}
