### Otra dirección de correo: /account/address, y los enlaces en /address.

address-title = Dirección de correo
address-yours = Su dirección
address-unconfirmed = { $address }, sin confirmar
address-what-for = Con ella inicia sesión, y a ella llega el correo sobre su cuenta.
address-asked = Hay un correo en camino a cada dirección que debe aceptar. Abra el enlace de cada uno.
address-called-off = El cambio se ha cancelado.
address-waiting-heading = Hay un cambio pendiente
address-waiting-for = Cuando se acepte el cambio, su cuenta tendrá la dirección { $address }.
address-waiting-until = Los enlaces de los correos funcionan hasta el { $until }.
address-agreed = { $address }: ha aceptado
address-not-yet = { $address }: aún no ha aceptado
address-call-off = Cancelar el cambio
address-change-heading = Cambiar su dirección
address-another-heading = Pedir otra dirección
address-no-mail = Este servidor no envía correo. Para cambiar su dirección, pídaselo a quien lo administra.
address-confirm = Para cambiar su dirección, { $link }.
address-confirm-link = confirme que es usted
address-new = Dirección nueva
address-rule-both = Enviaremos un enlace a su dirección y otro a la nueva. Nada cambia hasta que ambos se hayan abierto y confirmado.
address-rule-new = Enviaremos un enlace a la dirección nueva. Nada cambia hasta que se haya abierto y confirmado.
address-send = Enviar los enlaces
address-none = Introduzca una dirección de correo, por ejemplo ann@acme.example.
address-same = Esa ya es su dirección.
address-overtaken = Su cuenta acaba de cambiar en otro lugar. Aquí no se ha cambiado nada.
address-too-often = Ha pedido otra dirección cinco veces en una hora. Inténtelo de nuevo más tarde.
address-profile-link = Cambiar su dirección de correo

## What links are for

address-link-title = Su dirección de correo
address-allow-heading = ¿Permitir otra dirección?
address-allow-text = Si lo permite, la cuenta de { $old } pasará a tener la dirección { $new }, y usted iniciará sesión con ella.
address-allow-submit = Permitir el cambio
address-allow-hint = Si no lo ha pedido, no lo permita y elija otra contraseña: puede que alguien conozca la suya.
address-claim-heading = ¿Es esta su dirección?
address-claim-text = Una cuenta va a recibir la dirección { $address }.
address-claim-hint = Acepte solo si lo ha pedido: el correo sobre esa cuenta llegará entonces a esta dirección.
address-claim-submit = Sí, es la mía
address-sign-in-heading = Inicie sesión primero
address-sign-in-text = Este enlace es para quien pidió la dirección. Inicie sesión en la cuenta que la va a tener y acepte después.
address-another-account-heading = Aquí ha iniciado sesión otra cuenta
address-another-account-text = Este enlace es para quien pidió la dirección, y fue otra cuenta. Si esa también es suya, cierre la sesión aquí e iníciela en ella. Si no ha pedido nada, cierre esta página: no cambia nada.
address-another-account-submit = Cerrar sesión
address-another-account-stay = Seguir con la sesión iniciada
address-undo-heading = ¿Deshacer el cambio?
address-undo-text = La cuenta recupera la dirección { $address }.
address-undo-hint = Se cierra la sesión de todas las personas que la tienen iniciada en ella, se quita lo que se añadió hace poco para iniciar sesión y usted elige otra contraseña enseguida.
address-undo-submit = No he sido yo: deshacerlo

## What came of it

address-dead = Cada enlace funciona una sola vez y durante poco tiempo. Deja de funcionar si se cancela el cambio o se pide otra dirección.
address-onward = Su dirección
address-done-title = La dirección ha cambiado
address-done-text = Desde ahora, inicie sesión con la dirección nueva. Las sesiones que ya tiene iniciadas siguen abiertas.
address-done-onward = Su cuenta
address-taken-title = No se ha cambiado nada
address-taken-text = La dirección nueva ya pertenece a una cuenta. Pida otra.
address-thanks-title = Gracias
address-thanks-text = La dirección cambiará cuando también se haya abierto y confirmado el enlace enviado a la otra dirección.
