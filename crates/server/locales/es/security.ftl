### /account/security: contraseña, claves de acceso, segundo factor, códigos de recuperación.

security-title = Seguridad
security-heading = Contraseña y segundo factor
security-confirm = Para cambiar algo aquí, { $link }.
security-confirm-link = confirme que es usted

## Password

security-password = Contraseña
security-current-password = Contraseña actual
security-new-password = Contraseña nueva
security-password-hint = Al menos { $least } caracteres. Lo mejor son varias palabras que no tengan nada que ver entre sí.
security-change-password = Cambiar la contraseña
security-password-everywhere = Se cerrará su sesión en todos los demás lugares.
security-password-changed = Su contraseña se ha cambiado. Se ha cerrado su sesión en todos los demás lugares.
security-password-other = Su contraseña actual es otra.
security-password-overtaken = Su cuenta acaba de cambiar en otro lugar. Aquí no se ha cambiado nada.
security-password-too-soon-mail = Cambió su contraseña hace menos de { $minutes } minutos. Para elegir otra ahora mismo, pida un enlace por correo en /reset.
security-password-too-soon = Cambió su contraseña hace menos de { $minutes } minutos. Inténtelo de nuevo más tarde.
security-password-unfit = La contraseña nueva no se puede aceptar: { $why }.

## Passkeys

passkeys-heading = Claves de acceso
passkeys-text = Una clave de acceso inicia su sesión sin contraseña: su teléfono, ordenador o llave de seguridad demuestra que está ahí, y usted le demuestra que es suyo.
passkeys-line-used = añadida el { $added }, usada por última vez el { $used }
passkeys-line-unused = añadida el { $added }, nunca usada
passkeys-remove-label = Quitar la clave de acceso { $name }, añadida el { $added }
passkeys-remove = Quitar
passkeys-add-failed = No se ha añadido ninguna clave de acceso. Inténtelo de nuevo.
passkeys-add-known = En lo que ha usado ya hay una clave de acceso para esta cuenta.
passkeys-name = Nombre de una nueva clave de acceso
passkeys-name-hint = Para que la reconozca: Mi teléfono, Llave azul.
passkeys-add = Añadir una clave de acceso
passkeys-no-script = Para añadir una clave de acceso, permita que esta página ejecute su script.
passkeys-added = La clave de acceso se ha añadido.
passkeys-removed = La clave de acceso se ha quitado. Quítela también de su dispositivo.
passkeys-unchanged = No se ha cambiado nada: { $why }.
passkeys-not-added = No se ha añadido ninguna clave de acceso: { $why }. Inténtelo de nuevo.
passkey-known = esta clave de acceso ya está
passkey-name-unfit = el nombre de una clave de acceso debe ser algo visible, en una línea, de { $most } caracteres como máximo
passkey-overtaken = la cuenta ha cambiado entretanto
passkey-too-late = se pidió hace demasiado tiempo o ya se respondió
passkey-too-many = ya hay tantas claves de acceso como puede haber
passkey-unproven = el navegador no ha creado ninguna clave de acceso

## Second factor

factor-heading = Segundo factor
factor-authenticator = Al iniciar sesión se pide el código de un autenticador.
factor-authenticator-or-passkey = Al iniciar sesión con la contraseña se pide el código de un autenticador o una de sus claves de acceso.
factor-passkey = Al iniciar sesión con la contraseña se pide además una de sus claves de acceso o un código de recuperación.
factor-none = Al iniciar sesión solo se pide su contraseña.
factor-codes-left =
    { $count ->
        [one] Queda { $count } código de recuperación.
       *[other] Quedan { $count } códigos de recuperación.
    }
factor-code-authenticator = Un código del autenticador o un código de recuperación
factor-code-recovery = Un código de recuperación
factor-new-codes = Nuevos códigos de recuperación
factor-remove-authenticator = Quitar el autenticador
factor-remove = Quitar el segundo factor
factor-add = Añadir un autenticador
factor-removed = El segundo factor se ha quitado.
factor-wrong-code = Ese no es el código válido ahora. Espere al siguiente; ¿está en hora el reloj del dispositivo?

## Another authenticator

totp-title = Añadir un autenticador
totp-scan = Escanee esto con una aplicación de autenticación, o { $link }.
totp-scan-link = ábralo en este dispositivo
totp-picture = La clave como imagen para escanear
totp-type = O escriba esta clave: { $key }
totp-code = El código que muestra la aplicación
totp-confirm = Confirmar
totp-leave = Dejarlo como está
codes-title = Códigos de recuperación
codes-heading = Sus códigos de recuperación
codes-text = Guárdelos donde pueda encontrarlos sin este dispositivo. Cada uno sustituye una vez a su segundo factor. No se mostrarán de nuevo.
codes-kept = Los he guardado
