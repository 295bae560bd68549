### Une autre adresse e-mail : /account/address, et les liens sous /address.

address-title = Adresse e-mail
address-yours = Votre adresse
address-unconfirmed = { $address }, non confirmée
address-what-for = Elle vous sert à vous connecter, et les e-mails concernant votre compte y sont envoyés.
address-asked = Un e-mail est en route vers chaque adresse qui doit donner son accord. Ouvrez le lien de chacun d’eux.
address-called-off = Le changement est annulé.
address-waiting-heading = Un changement est en attente
address-waiting-for = Votre compte aura l’adresse { $address } une fois le changement accepté.
address-waiting-until = Les liens des e-mails fonctionnent jusqu’au { $until }.
address-agreed = { $address } : a donné son accord
address-not-yet = { $address } : n’a pas encore donné son accord
address-call-off = Annuler le changement
address-change-heading = Changer d’adresse
address-another-heading = Demander une autre adresse
address-no-mail = Ce serveur n’envoie pas d’e-mails. Pour changer d’adresse, adressez-vous à son administrateur.
address-confirm = Pour changer votre adresse, { $link }.
address-confirm-link = confirmez que c’est bien vous
address-new = Nouvelle adresse
address-rule-both = Nous envoyons un lien à votre adresse et un autre à la nouvelle. Rien ne change tant que les deux n’ont pas été ouverts et confirmés.
address-rule-new = Nous envoyons un lien à la nouvelle adresse. Rien ne change tant qu’il n’a pas été ouvert et confirmé.
address-send = Envoyer les liens
address-none = Saisissez une adresse e-mail, par exemple ann@acme.example.
address-same = C’est déjà votre adresse.
address-overtaken = Votre compte vient d’être modifié ailleurs. Rien n’a été modifié ici.
address-too-often = Vous avez demandé une autre adresse cinq fois en une heure. Réessayez plus tard.
address-profile-link = Changer votre adresse e-mail

## What links are for

address-link-title = Votre adresse e-mail
address-allow-heading = Autoriser une autre adresse ?
address-allow-text = Si vous l’autorisez, le compte de { $old } prendra l’adresse { $new }, et vous vous connecterez désormais avec elle.
address-allow-submit = Autoriser le changement
address-allow-hint = Si vous ne l’avez pas demandé, n’autorisez pas ce changement et choisissez un autre mot de passe : quelqu’un connaît peut-être le vôtre.
address-claim-heading = Est-ce votre adresse ?
address-claim-text = Un compte va prendre l’adresse { $address }.
address-claim-hint = N’acceptez que si vous l’avez demandé : les e-mails concernant ce compte arriveront alors à cette adresse.
address-claim-submit = Oui, c’est la mienne
address-sign-in-heading = Connectez-vous d’abord
address-sign-in-text = Ce lien est pour la personne qui a demandé l’adresse. Connectez-vous au compte qui doit l’avoir, puis acceptez.
address-another-account-heading = Un autre compte est connecté ici
address-another-account-text = Ce lien est pour la personne qui a demandé l’adresse, et c’était un autre compte. S’il est aussi à vous, déconnectez-vous ici et connectez-vous à celui-là. Si vous n’avez rien demandé, fermez cette page : rien ne change.
address-another-account-submit = Se déconnecter
address-another-account-stay = Rester connecté
address-undo-heading = Rétablir l’ancienne adresse ?
address-undo-text = Le compte retrouve l’adresse { $address }.
address-undo-hint = Toutes les sessions de ce compte sont fermées, les moyens de connexion ajoutés récemment sont supprimés, et vous choisissez aussitôt un autre mot de passe.
address-undo-submit = Ce n’était pas moi : la rétablir

## What came of it

address-dead = Chaque lien fonctionne une seule fois et pendant peu de temps. Il ne fonctionne plus si le changement est annulé ou si une autre adresse est demandée.
address-onward = Votre adresse
address-done-title = L’adresse est changée
address-done-text = Connectez-vous désormais avec la nouvelle adresse. Vos sessions déjà ouvertes le restent.
address-done-onward = Votre compte
address-taken-title = Rien n’a été modifié
address-taken-text = La nouvelle adresse appartient désormais à un compte. Demandez-en une autre.
address-thanks-title = Merci
address-thanks-text = L’adresse sera changée lorsque le lien envoyé à l’autre adresse aura lui aussi été ouvert et confirmé.
