// Sends the answer on without a click (OAuth 2.0 Form Post Response Mode §2).
document.getElementById("answer").submit();
