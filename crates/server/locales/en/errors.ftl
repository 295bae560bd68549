### What went wrong, as people meet it. Programs get it in English, from where it is decided.

error-title-not-found = Page not found
error-title-too-many = Too many attempts
error-title-refused = This cannot be done
error-title-shortly = Try again shortly
error-title-failed = Something went wrong

# $code (Element) - a word that programs know
# $request (Element) - the id of the request
error-ask = If you ask somebody for help, tell them this: { $code }, { $request }
error-unreadable = The application has sent a request that cannot be read.
error-client-unknown = There is no application with this client_id, or it may not act now.
error-signs-nobody-in = This application acts for itself alone and signs nobody in.
error-redirect-uri = The redirect_uri is not, character by character, one that is registered for this application.
error-flow-invalid = This request is too old or incomplete. Go back to the application and start again.
error-flow-answered = This request was answered before. Go back to the application and start again.
error-too-long = The request is too long.
error-not-a-member = You are not a member of this company.
error-logout-address = This post_logout_redirect_uri is not registered for the application.
error-logout-hint = The id_token_hint was issued to another client.
error-unavailable = The server cannot answer now. Try again shortly.
error-failed = The server failed to answer.
error-body = The request was cut off, took too long, or is too long.
error-foreign-form = This form is too old, or was not made for this browser. Go back, load the page again and try once more.
error-method = This page cannot be opened in this way.
error-not-found = There is nothing here.
error-overloaded = The server is busy. Try again shortly.
error-timed-out = The server took too long to answer. Try again shortly.
