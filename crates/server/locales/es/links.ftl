### Enlaces que llegan por correo, y cómo pedirlos: /reset, /signup, /verify.

link-email = Dirección de correo
link-send = Enviar un enlace
link-back = Volver al inicio de sesión
link-ask-again = Pedirlo otra vez
link-ask = Pedir un enlace
link-sign-in = Iniciar sesión
link-look-into-mail = Mire su correo
link-too-many = Se han pedido demasiados enlaces.
link-other-title = Esta página era para otro enlace
link-other-text = Desde entonces se ha abierto otro enlace en este navegador. Abra de nuevo el de su correo.
link-dead-title = Este enlace ya no funciona
link-dead-text = Cada enlace funciona una sola vez, durante poco tiempo, y ya no después de cambiar la contraseña.

## A forgotten password

reset-title = Contraseña olvidada
reset-heading = Elija una contraseña nueva
reset-text = Enviaremos a su dirección de correo un enlace con el que podrá elegir una nueva.
reset-no-address = Introduzca la dirección de correo con la que inicia sesión.
reset-no-mail-title = Desde aquí no se envía correo
reset-no-mail-text = Pida una contraseña nueva a quien administra este servidor.
reset-sent = Si existe una cuenta con esa dirección, ya está en camino un correo con un enlace. El enlace funciona durante { $minutes } minutos.
reset-done-title = Su contraseña está definida
reset-done-text = Inicie sesión con ella, en la aplicación si venía de una. Se ha cerrado la sesión en todos los lugares donde la tenía iniciada.
choose-title = Elija una contraseña
choose-first = Elija su contraseña
choose-another = Elija una contraseña nueva
choose-new = Contraseña nueva
choose-rule = Al menos { $least } caracteres; los espacios cuentan. Lo mejor son cuatro o más palabras que no tengan nada que ver entre sí.
choose-submit = Definir la contraseña
choose-everywhere = Se cerrará su sesión en todas partes.
choose-unfit = Esta contraseña no se puede aceptar: { $why }.
password-guessable = es de las primeras que se adivinan; son mejores cuatro o más palabras que no tengan nada que ver entre sí
password-too-long = debe tener como máximo { $characters } caracteres y { $bytes } bytes
password-too-short = debe tener al menos { $least } caracteres; los espacios cuentan
password-unchanged = es la que ya tiene

## An account of one's own

sign-up-title = Crear una cuenta
sign-up-text = Enviaremos a su dirección de correo un enlace con el que elegirá una contraseña.
sign-up-back = Iniciar sesión, si ya tiene una
sign-up-no-address = Introduzca su dirección de correo.
sign-up-none-title = Aquí no se crean cuentas
sign-up-none-text = Pida una a quien administra este servidor.
sign-up-sent = Un correo con un enlace está en camino a esa dirección. El enlace funciona durante { $minutes } minutos.

## Proving an address

verify-title = Confirme su dirección
verify-question = ¿Es { $username } su dirección de correo?
verify-submit = Sí, es la mía
verify-done-title = Su dirección está confirmada
verify-done-text = Puede cerrar esta página.
