### Lo que ha pasado en una cuenta, contado a su titular, y la copia de sus datos.

events-heading = Actividad reciente
events-none = No ha pasado nada en los últimos 90 días.
events-text = Lo que ha pasado en su cuenta en los últimos 90 días, lo más reciente primero. Si algo no lo hizo usted, cambie su contraseña y avise a quien administra este servidor.
event-by-administrator = { $what } (por un administrador)
event-times = { $what }, { $count } veces seguidas
event-app-gone = una aplicación que ya no existe
event-company-gone = una empresa que ya no existe
event-account-made = Se creó la cuenta
event-address-called-off = Se canceló el cambio de dirección
event-address-changed = Se cambió la dirección de correo
event-address-restored = Se deshizo el cambio de dirección
event-address-wish-confirmed = Se aceptó por correo un cambio de dirección
event-address-wished = Se pidió otra dirección de correo
event-address-confirmed = Se confirmó la dirección de correo
event-app-allowed = Se dio acceso a { $app }
event-app-denied = Se denegó el acceso a { $app }
event-app-narrowed = Se retiró un permiso a { $app }
event-app-taken-back = Se retiró el acceso a { $app }
event-barred = Se desactivó la cuenta
event-deletion-requested = Se pidió eliminar la cuenta
event-deletion-taken-back = Al final se conservó la cuenta
event-exported = Se descargó una copia de los datos de la cuenta
event-invitation-accepted = Se eligió una primera contraseña
event-invited = Se envió un enlace para elegir la primera contraseña
event-membership-added = La cuenta se añadió a { $company }
event-membership-removed = La cuenta se quitó de { $company }
event-membership-updated = Cambiaron los roles en { $company }
event-passkey-added = Se añadió una clave de acceso
event-passkey-removed = Se quitó una clave de acceso
event-password-changed = Se cambió la contraseña
event-password-reset = Se eligió una contraseña nueva mediante un enlace recibido por correo
event-password-reset-requested = Se pidió un enlace para elegir una contraseña nueva
event-profile-changed = Se cambió el perfil
event-reauthenticated = Se confirmó el inicio de sesión
event-recovery-code-used = Se usó un código de recuperación
event-recovery-codes-made = Se crearon nuevos códigos de recuperación
event-second-factor-added = Se añadió un autenticador
event-second-factor-removed = Se quitó el segundo factor
event-second-factor-wrong = La contraseña era correcta, pero el segundo factor no
event-sign-in-failed = Falló un inicio de sesión
event-signed-in = Alguien inició sesión
event-signed-out = Se cerró la sesión de un navegador
event-signed-out-everywhere = Se cerró la sesión de todos los navegadores
event-unbarred = Se volvió a activar la cuenta
event-verification-sent = Se envió un enlace para confirmar la dirección de correo

## The copy

data-title = Sus datos
data-confirm = Para hacer algo aquí, { $link }.
data-copy-heading = Una copia de sus datos
data-copy-text = Un archivo con lo que aquí se guarda sobre usted: su perfil, empresas y roles, lo que permite a las aplicaciones, dónde tiene la sesión iniciada, cómo inicia sesión y lo que ha pasado en su cuenta. No contiene ni su contraseña ni ninguna clave secreta.
data-download = Descargar sus datos
data-too-often = Ha descargado sus datos seis veces en una hora.
