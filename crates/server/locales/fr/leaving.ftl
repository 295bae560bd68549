### Supprimer son compte, et la page d’après. Du texte seul, sans balises.

leave-heading = Supprimer votre compte
leave-text =
    { $days ->
        [one] Toutes vos sessions sont fermées immédiatement, et plus aucune application ne peut utiliser votre compte. Pendant { $days } jour, vous pouvez vous connecter et le conserver ; ensuite il sera supprimé définitivement, avec votre profil, votre appartenance à des entreprises et vos rôles, ce que vous autorisez aux applications et vos moyens de connexion.
       *[other] Toutes vos sessions sont fermées immédiatement, et plus aucune application ne peut utiliser votre compte. Pendant { $days } jours, vous pouvez vous connecter et le conserver ; ensuite il sera supprimé définitivement, avec votre profil, votre appartenance à des entreprises et vos rôles, ce que vous autorisez aux applications et vos moyens de connexion.
    }
leave-username = Saisissez votre identifiant pour confirmer
leave-username-hint = C’est { $username }.
leave-submit = Supprimer mon compte
leave-wrong-name = Ce n’est pas votre identifiant. Rien n’a été supprimé.
leave-overtaken = Votre compte vient d’être modifié ailleurs. Rien n’a été supprimé.
leave-kept = Votre compte est conservé. Les applications vous demanderont de vous reconnecter.
leaving-title = Votre compte va être supprimé
leaving-text = Le { $due }, le compte { $username } et tout ce qui lui appartient seront supprimés définitivement. D’ici là, aucune application ne peut l’utiliser.
leaving-keep = Conserver mon compte
leaving-sign-out = Se déconnecter
left-text = Toutes vos sessions sont fermées. Jusqu’au { $due }, vous pouvez vous connecter et conserver votre compte ; ensuite il sera supprimé définitivement.
left-sign-in = Se connecter
