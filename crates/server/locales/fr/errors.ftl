### Ce qui s’est mal passé, tel que les personnes le voient.

error-title-not-found = Page introuvable
error-title-too-many = Trop de tentatives
error-title-refused = C’est impossible
error-title-shortly = Réessayez dans un instant
error-title-failed = Une erreur est survenue
error-ask = Si vous demandez de l’aide à quelqu’un, indiquez ceci : { $code }, { $request }
error-unreadable = L’application a envoyé une demande illisible.
error-client-unknown = Il n’existe pas d’application avec ce client_id, ou elle ne peut pas agir actuellement.
error-signs-nobody-in = Cette application n’agit que pour elle-même et ne connecte personne.
error-redirect-uri = La redirect_uri ne correspond, caractère pour caractère, à aucune de celles enregistrées pour cette application.
error-flow-invalid = Cette demande est trop ancienne ou incomplète. Retournez à l’application et recommencez.
error-flow-answered = Cette demande a déjà reçu une réponse. Retournez à l’application et recommencez.
error-too-long = La demande est trop longue.
error-not-a-member = Vous n’êtes pas membre de cette entreprise.
error-logout-address = Cette post_logout_redirect_uri n’est pas enregistrée pour l’application.
error-logout-hint = L’id_token_hint a été émis pour une autre application.
error-unavailable = Le serveur ne peut pas répondre pour le moment. Réessayez dans un instant.
error-failed = Le serveur n’a pas pu répondre.
error-body = La demande s’est interrompue, a pris trop de temps ou est trop longue.
error-foreign-form = Ce formulaire est trop ancien, ou n’a pas été créé pour ce navigateur. Revenez en arrière, rechargez la page et réessayez.
error-method = Cette page ne peut pas être ouverte de cette façon.
error-not-found = Il n’y a rien ici.
error-overloaded = Le serveur est très sollicité. Réessayez dans un instant.
error-timed-out = Le serveur a mis trop de temps à répondre. Réessayez dans un instant.
