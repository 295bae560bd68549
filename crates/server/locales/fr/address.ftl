### Une autre adresse e-mail : /account/address, et les liens sous /address.

address-title = Adresse e-mail
address-yours = Votre adresse
address-unconfirmed = { $address }, non confirmée
address-what-for = Vous vous connectez avec elle, et les e-mails concernant votre compte y sont envoyés.
address-asked = Les e-mails sont en route. Ouvrez le lien de chacun d’eux.
address-called-off = Le changement est annulé.
address-waiting-heading = Un changement est en attente
address-waiting-for = Votre compte aura l’adresse { $address }.
address-waiting-until = Les liens des e-mails fonctionnent jusqu’au { $until }.
address-agreed = { $address } : a donné son accord
address-not-yet = { $address } : son lien n’a pas encore été ouvert
address-call-off = Annuler le changement
address-change-heading = La changer
address-another-heading = En demander une autre à la place
address-no-mail = Aucun e-mail n’est envoyé d’ici : demandez une autre adresse à l’administrateur de ce serveur.
address-confirm = Pour changer votre adresse, { $link }.
address-confirm-link = confirmez que c’est bien vous
address-new = Nouvelle adresse
address-rule-both = Nous envoyons un lien à votre adresse et un autre à la nouvelle. Rien ne change avant que les deux aient été ouverts et confirmés.
address-rule-new = Nous envoyons un lien à la nouvelle adresse. Rien ne change avant qu’il ait été ouvert et confirmé.
address-send = Envoyer les liens
address-none = Saisissez une adresse e-mail, par exemple ann@acme.example.
address-same = C’est déjà votre adresse.
address-overtaken = Votre compte vient d’être modifié ailleurs. Rien n’a été modifié ici.
address-too-often = Vous avez demandé une autre adresse cinq fois en une heure. Réessayez plus tard.
address-profile-link = Changer votre adresse e-mail

## What links are for

address-link-title = Votre adresse e-mail
address-allow-heading = Autoriser une autre adresse ?
address-allow-text = Le compte de { $old } aura désormais l’adresse { $new }, et se connectera avec elle.
address-allow-submit = Autoriser le changement
address-allow-hint = Si vous ne l’avez pas demandé, n’acceptez pas et choisissez un autre mot de passe : quelqu’un connaît peut-être le vôtre.
address-claim-heading = Est-ce votre adresse ?
address-claim-text = Un compte aura l’adresse { $address }.
address-claim-hint = N’acceptez que si vous l’avez demandé : les e-mails concernant ce compte y seront alors envoyés.
address-claim-submit = Oui, c’est la mienne
address-sign-in-heading = Connectez-vous d’abord
address-sign-in-text = Ce lien est pour la personne qui a demandé l’adresse. Connectez-vous au compte qui doit l’avoir, puis acceptez.
address-another-account-heading = Un autre compte est connecté ici
address-another-account-text = Ce lien est pour la personne qui a demandé l’adresse, et c’était un autre compte. S’il est aussi à vous, déconnectez-vous ici et connectez-vous à celui-là. Si vous n’avez rien demandé, fermez cette page : rien ne change.
address-another-account-submit = Se déconnecter
address-another-account-stay = Rester connecté
address-undo-heading = Annuler ce changement ?
address-undo-text = Le compte retrouve l’adresse { $address }.
address-undo-hint = Toutes les personnes qui y sont connectées sont déconnectées, ce qui a été ajouté récemment pour se connecter est supprimé, et vous choisissez aussitôt un autre mot de passe.
address-undo-submit = Ce n’était pas moi : annuler

## What came of it

address-dead = Chaque lien fonctionne une seule fois, pendant peu de temps, et plus après l’annulation du changement ou la demande d’une autre adresse.
address-onward = Votre adresse
address-done-title = L’adresse est changée
address-done-text = Le compte a désormais la nouvelle adresse : connectez-vous avec elle. Là où vous êtes connecté, vous le restez.
address-done-onward = Votre compte
address-taken-title = Rien n’a été modifié
address-taken-text = La nouvelle adresse appartient désormais à un compte. Demandez-en une autre.
address-thanks-title = Merci
address-thanks-text = L’adresse sera changée lorsque le lien de l’e-mail envoyé à l’autre adresse aura lui aussi été ouvert et confirmé.
