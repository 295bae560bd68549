### Eliminar la propia cuenta, y la página de después. Solo texto, sin marcas.

leave-heading = Eliminar su cuenta
leave-text =
    { $days ->
        [one] Se cierra su sesión en todas partes de inmediato, y ninguna aplicación puede seguir usando su cuenta. Durante { $days } día puede iniciar sesión y conservarla; después se eliminará definitivamente, con su perfil, su pertenencia a empresas y sus roles en ellas, lo que permite a las aplicaciones y sus medios para iniciar sesión.
       *[other] Se cierra su sesión en todas partes de inmediato, y ninguna aplicación puede seguir usando su cuenta. Durante { $days } días puede iniciar sesión y conservarla; después se eliminará definitivamente, con su perfil, su pertenencia a empresas y sus roles en ellas, lo que permite a las aplicaciones y sus medios para iniciar sesión.
    }
leave-username = Escriba su nombre de usuario para confirmar
leave-username-hint = Es { $username }.
leave-submit = Eliminar mi cuenta
leave-wrong-name = Ese no es su nombre de usuario. No se ha eliminado nada.
leave-overtaken = Su cuenta acaba de cambiar en otro lugar. No se ha eliminado nada.
leave-kept = Su cuenta se conserva. Las aplicaciones le pedirán que vuelva a iniciar sesión.
leaving-title = Su cuenta se eliminará
leaving-text = El { $due } se eliminará definitivamente la cuenta { $username } con todo lo que le pertenece. Hasta entonces ninguna aplicación puede usarla.
leaving-keep = Conservar mi cuenta
leaving-sign-out = Cerrar sesión
left-text = Se ha cerrado su sesión en todas partes. Hasta el { $due } puede iniciar sesión y conservar su cuenta; después se eliminará definitivamente.
left-sign-in = Iniciar sesión
