### Lo que tiene cada página, fechas y esperas. Solo texto, sin marcas.
### Glosario: aplicación (application), empresa (company), grupo (corporation), clave de acceso (passkey), contraseña, nombre de usuario,
### dirección de correo, segundo factor, autenticador (authenticator), código de recuperación (recovery code), sesión (session),
### iniciar sesión, cerrar sesión, cuenta, enlace, permiso (scope), retirar (take back), clave secreta (la del autenticador). Tratamiento: usted.

instant =
    { $day } de { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    } de { $year }, { $time } UTC
within-seconds =
    { $count ->
        [1] dentro de un segundo
       *[other] dentro de { $count } segundos
    }
within-minutes =
    { $count ->
        [1] dentro de un minuto
       *[other] dentro de { $count } minutos
    }
within-hours =
    { $count ->
        [one] dentro de { $count } hora
       *[other] dentro de { $count } horas
    }
within-days =
    { $count ->
        [one] dentro de { $count } día
       *[other] dentro de { $count } días
    }
minutes-ago =
    { $count ->
        [one] hace { $count } minuto
       *[other] hace { $count } minutos
    }
hours-ago =
    { $count ->
        [one] hace { $count } hora
       *[other] hace { $count } horas
    }
days-ago =
    { $count ->
        [one] hace { $count } día
       *[other] hace { $count } días
    }
try-again = { $why } Inténtelo de nuevo { $within }.
too-many-attempts = Han fallado demasiados intentos.
busy = El servidor está muy ocupado. Inténtelo de nuevo dentro de un momento.
changed-just-now = Su cuenta acaba de cambiar. Inicie sesión otra vez.
page-too-old = Esta página estuvo abierta demasiado tiempo, ya se había enviado o su navegador no guarda cookies. Inicie sesión otra vez.
took-too-long = Ha tardado demasiado. Inicie sesión otra vez.
codes-locked = Se han introducido demasiados códigos incorrectos. Use un código de recuperación, o elija otra contraseña e inicie sesión de nuevo.
