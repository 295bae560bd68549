### Otra dirección de correo: /account/address, y los enlaces en /address.

address-title = Dirección de correo
address-yours = Su dirección
address-unconfirmed = { $address }, sin confirmar
address-what-for = Con ella inicia sesión, y a ella llega el correo sobre su cuenta.
address-asked = Los correos están en camino. Abra el enlace de cada uno.
address-called-off = El cambio queda anulado.
address-waiting-heading = Hay un cambio en espera
address-waiting-for = Su cuenta tendrá la dirección { $address }.
address-waiting-until = Los enlaces de los correos funcionan hasta el { $until }.
address-agreed = { $address }: ha dado su acuerdo
address-not-yet = { $address }: falta abrir su enlace
address-call-off = Anular el cambio
address-change-heading = Cambiarla
address-another-heading = Pedir otra en su lugar
address-no-mail = Desde aquí no se envía correo: pida otra dirección a quien administra este servidor.
address-confirm = Para cambiar su dirección, { $link }.
address-confirm-link = confirme que es usted
address-new = Dirección nueva
address-rule-both = Enviaremos un enlace a su dirección y otro a la nueva. Nada cambia hasta que ambos se hayan abierto y confirmado.
address-rule-new = Enviaremos un enlace a la dirección nueva. Nada cambia hasta que se haya abierto y confirmado.
address-send = Enviar los enlaces
address-none = Introduzca una dirección de correo, como ann@acme.example.
address-same = Esa ya es su dirección.
address-overtaken = Su cuenta acaba de cambiarse en otro lugar. Aquí no se ha cambiado nada.
address-too-often = Ha pedido otra dirección cinco veces en una hora. Inténtelo de nuevo más tarde.
address-profile-link = Cambiar su dirección de correo

## What links are for

address-link-title = Su dirección de correo
address-allow-heading = ¿Permitir otra dirección?
address-allow-text = La cuenta de { $old } tendrá desde ahora la dirección { $new }, y con ella iniciará sesión.
address-allow-submit = Permitir el cambio
address-allow-hint = Si no lo ha pedido, no lo acepte y elija otra contraseña: puede que alguien conozca la suya.
address-claim-heading = ¿Es esta su dirección?
address-claim-text = Una cuenta tendrá la dirección { $address }.
address-claim-hint = Acéptelo solo si lo ha pedido: el correo sobre esa cuenta llegará entonces a ella.
address-claim-submit = Sí, es la mía
address-sign-in-heading = Inicie sesión primero
address-sign-in-text = Este enlace es para quien pidió la dirección. Inicie sesión en la cuenta que la va a tener y acepte después.
address-another-account-heading = Aquí ha iniciado sesión otra cuenta
address-another-account-text = Este enlace es para quien pidió la dirección, y fue otra cuenta. Si esa también es suya, cierre la sesión aquí e iníciela en ella. Si no ha pedido nada, cierre esta página: no cambia nada.
address-another-account-submit = Cerrar sesión
address-another-account-stay = Seguir con la sesión iniciada
address-undo-heading = ¿Deshacer el cambio?
address-undo-text = La cuenta recupera la dirección { $address }.
address-undo-hint = Se cierra la sesión de todos los que la tienen iniciada, se elimina lo que se añadió hace poco para iniciar sesión y usted elige otra contraseña enseguida.
address-undo-submit = No he sido yo: deshacerlo

## What came of it

address-dead = Cada enlace funciona una sola vez, durante poco tiempo, y ya no después de anular el cambio o de pedir otra dirección.
address-onward = Su dirección
address-done-title = La dirección ha cambiado
address-done-text = Desde ahora la cuenta tiene la dirección nueva: inicie sesión con ella. Donde tiene la sesión iniciada, sigue así.
address-done-onward = Su cuenta
address-taken-title = No se ha cambiado nada
address-taken-text = Entretanto, otra cuenta tiene la dirección nueva. Pida otra.
address-thanks-title = Gracias
address-thanks-text = La dirección cambiará cuando también se haya abierto y confirmado el enlace del correo a la otra dirección.
