### Iniciar y cerrar sesión: /login, /login/code, /logout.

login-title = Iniciar sesión
login-heading = Iniciar sesión
login-again = Confirme que es usted
login-to-continue = para continuar en { $app }
username = Nombre de usuario
password = Contraseña
login-submit = Iniciar sesión
login-confirm = Confirmar
login-with-passkey = Iniciar sesión con una clave de acceso
login-confirm-with-passkey = Confirmar con una clave de acceso
login-passkey-failed = No se ha usado ninguna clave de acceso. Inténtelo de nuevo o use su contraseña.
login-forgotten = ¿Ha olvidado su contraseña?
login-no-account = ¿Aún no tiene cuenta?
login-make-account = Crear una
login-wrong = El nombre de usuario o la contraseña no son correctos.
passkey-wrong = No se ha podido comprobar esta clave de acceso, o ya no se conoce aquí. Inténtelo de nuevo o continúe sin ella.

## The second factor

code-title = Segundo factor
code-heading = Introduzca su código
code-heading-other = Use su segundo factor
code-use-passkey = Usar una clave de acceso
code-passkey-failed = No se ha usado ninguna clave de acceso. Inténtelo de nuevo o introduzca un código.
code-label = Código
code-label-recovery = Código de recuperación
code-hint = Los seis dígitos que muestra su autenticador, o uno de sus códigos de recuperación.
code-hint-recovery = Uno de los códigos que se le mostraron una sola vez para que los guardara.
go-on = Continuar
code-somebody-else = Iniciar sesión con otra cuenta
code-wrong = Ese código no es válido ahora. Espere al siguiente de su autenticador o use un código de recuperación que aún no haya usado.

## Signing out

logout-title = Cerrar sesión
logout-heading = ¿Cerrar la sesión?
logout-asked = { $app } le pide que cierre la sesión.
logout-asked-and-back = { $app } le pide que cierre la sesión; después volverá a ella.
logout-signed-in-as = Ha iniciado sesión como { $username }.
logout-submit = Cerrar sesión
logout-stay = Seguir con la sesión iniciada
logout-done = Ha cerrado la sesión
logout-back-to = Volver a { $app }
logout-sign-in = Iniciar sesión
