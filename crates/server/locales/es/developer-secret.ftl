### Ajustes de desarrollador: el secreto de la cuenta de un desarrollador.

developer-secret = Secreto de la cuenta
developer-secret-text = Con el secreto de la cuenta, programas suyos en servidores actúan en su nombre en las rutas que lo aceptan. No caduca. Es preferible un token de acceso personal: ese caduca y se puede limitar.
developer-secret-warning = Solo para servidores. No lo ponga nunca en una página web, una aplicación ni nada que se ejecute en un navegador: lo que un navegador envía con él se rechaza. Si alguien más lo conoce, sustitúyalo enseguida.
developer-secret-revoked = Se revocó. Ningún programa puede usarlo ya.
developer-secret-make = Crear otro
developer-secret-seen = Mostrado por última vez el { $at }
developer-secret-once = No se guarda y no se puede mostrar: solo la página que crea uno lo muestra, una vez. Si no lo tiene, sustitúyalo.
developer-secret-former = el anterior
developer-secret-former-until = Funciona hasta el { $until }
developer-secret-header = Los programas lo envían en este campo de encabezado:
developer-secret-where = Aquí solo lo acepta { $endpoint }, que informa sobre sus propios tokens.
developer-secret-apis = En una API solo lo aceptan las rutas que lo indican. Cuáles son, este servidor no lo sabe: pregunte a quien administra la API.
developer-secret-routes = En las API lo aceptan estas rutas:
developer-secret-try = Para probarlo, páselo a un terminal sin dejarlo en el historial. Esto pregunta por un token que no existe; con el secreto correcto, la respuesta es { $answer }
developer-secret-reveal = Mostrar
developer-secret-rotate = Sustituir
developer-secret-reveal-label = Mostrar el secreto de la cuenta
developer-secret-rotate-label = Sustituir el secreto de la cuenta
developer-secret-revoke-label = Revocar el secreto de la cuenta
developer-secret-value = Este es el secreto.

## What became of it

developer-secret-revoked-notice = El secreto de la cuenta está revocado.
developer-secret-overtaken = El secreto de la cuenta acaba de cambiar en otro lugar. Aquí no se cambió nada.
developer-secret-none = Ya no hay secreto de la cuenta. No se cambió nada.
developer-secret-sent-before = Este formulario ya se envió y el secreto se sustituyó entonces. No se sustituyó otra vez.

## Before it is done

developer-secret-reveal-title = ¿Mostrar el secreto de la cuenta?
developer-secret-reveal-text = La página siguiente lo muestra. Queda registrado y se le avisa por correo. Asegúrese de que nadie más vea su pantalla.
developer-secret-rotate-title = ¿Sustituir el secreto de la cuenta?
developer-secret-rotate-text = Verá otro secreto. El que termina en { $last } deja de funcionar, y con él todo lo que lo usa: enseguida, o tras un tiempo en el que funcionan ambos.
developer-secret-rotate-former = El anterior a ese, que termina en { $last }, deja de funcionar enseguida en todo caso.
developer-secret-overlap-legend = ¿Durante cuánto tiempo sigue funcionando el actual?
developer-secret-overlap-none = Nada
developer-secret-make-title = ¿Crear otro secreto de la cuenta?
developer-secret-make-text = La página siguiente lo muestra.
developer-secret-revoke-title = ¿Revocar el secreto de la cuenta?
developer-secret-revoke-text = El que termina en { $last } deja de funcionar enseguida, y con él todo lo que lo usa; también el anterior, si aún funciona. No se puede recuperar, pero puede crear otro.
