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
security-password-other = Esa no es su contraseña actual.
security-password-overtaken = Su cuenta acaba de cambiar en otro lugar. Aquí no se ha cambiado nada.
security-password-too-soon-mail = Cambió su contraseña hace menos de { $minutes } minutos. Para elegir otra ahora mismo, pida un enlace por correo en /reset.
security-password-too-soon = Cambió su contraseña hace menos de { $minutes } minutos. Inténtelo de nuevo más tarde.
security-password-unfit = La contraseña nueva no se puede usar: { $why }.

## Passkeys

passkeys-heading = Claves de acceso
passkeys-text = Con una clave de acceso inicia sesión sin contraseña: su teléfono, su equipo o una llave de seguridad la guarda y comprueba que es usted con la huella, la cara o un PIN.
passkeys-line-used = añadida el { $added }, usada por última vez el { $used }
passkeys-line-unused = añadida el { $added }, nunca usada
passkeys-remove-label = Quitar la clave de acceso { $name }, añadida el { $added }
passkeys-remove = Quitar
passkeys-add-failed = No se ha añadido ninguna clave de acceso. Inténtelo de nuevo.
passkeys-add-known = El dispositivo que ha usado ya tiene una clave de acceso para esta cuenta.
passkeys-name = Nombre de la nueva clave de acceso
passkeys-name-hint = Para que la reconozca, por ejemplo: Mi teléfono, Llave azul.
passkeys-add = Añadir una clave de acceso
passkeys-no-script = Para añadir una clave de acceso, permita que esta página ejecute su script.
passkeys-added = La clave de acceso se ha añadido.
passkeys-removed = La clave de acceso se ha quitado. Quítela también de su dispositivo.
passkeys-unchanged = No se ha cambiado nada: { $why }.
passkeys-not-added = No se ha añadido ninguna clave de acceso: { $why }. Inténtelo de nuevo.
passkey-known = ya tiene esta clave de acceso
passkey-name-unfit = el nombre debe ser visible, ocupar una sola línea y tener { $most } caracteres como máximo
passkey-overtaken = la cuenta ha cambiado entretanto
passkey-too-late = la página estuvo abierta demasiado tiempo o ya se había enviado
passkey-too-many = su cuenta ya tiene todas las claves de acceso que puede tener
passkey-unproven = el navegador no ha creado ninguna clave de acceso

## Second factor

factor-heading = Segundo factor
factor-authenticator = Al iniciar sesión se pide un código de su autenticador.
factor-authenticator-or-passkey = Al iniciar sesión con la contraseña se pide además un código de su autenticador o una de sus claves de acceso.
factor-passkey = Al iniciar sesión con la contraseña se pide además una de sus claves de acceso o un código de recuperación.
factor-none = Al iniciar sesión solo se pide su contraseña.
factor-codes-left =
    { $count ->
        [one] Queda { $count } código de recuperación.
       *[other] Quedan { $count } códigos de recuperación.
    }
factor-code-authenticator = Un código del autenticador o un código de recuperación
factor-code-recovery = Un código de recuperación
factor-new-codes = Crear nuevos códigos de recuperación
factor-remove-authenticator = Quitar el autenticador
factor-remove = Quitar el segundo factor
factor-add = Añadir un autenticador
factor-removed = El segundo factor se ha quitado.
factor-wrong-code = Ese código no es válido ahora. Si es de su autenticador, espere al siguiente y compruebe la hora del dispositivo.

## Another authenticator

totp-title = Añadir un autenticador
totp-scan = Escanee esta imagen con una aplicación de autenticación, o { $link }.
totp-scan-link = ábrala en este dispositivo
totp-picture = La clave secreta como imagen para escanear
totp-type = O escriba esta clave secreta: { $key }
totp-code = El código que muestra la aplicación
totp-confirm = Confirmar
totp-leave = No añadirlo
codes-title = Códigos de recuperación
codes-heading = Sus códigos de recuperación
codes-text = Guárdelos donde pueda encontrarlos sin este dispositivo. Cada uno sustituye una vez a su segundo factor. No se mostrarán de nuevo.
codes-kept = Los he guardado
