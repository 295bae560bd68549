### Correos: para cada uno, asunto, comienzo, qué pulsar y final.

mail-copy-address = O copie esta dirección en su navegador:
mail-at = el { $at }
mail-at-from = el { $at }, desde { $address }
mail-at-with = el { $at }, con { $browser }
mail-at-from-with = el { $at }, desde { $address }, con { $browser }
mail-link-once = El enlace funciona una sola vez, hasta el { $at }.
mail-link-until = El enlace funciona hasta el { $at }.
mail-not-you = Si no ha sido usted, elija otra contraseña de inmediato en { $reset } y avise a quien administra { $host }.

## Passwords and accounts

mail-reset-subject = Elija una contraseña nueva
mail-reset-opening = Alguien, probablemente usted, pidió una contraseña nueva para { $to } en { $host }: { $whence }.
mail-reset-link = Elegir una contraseña nueva
mail-reset-ignore = Si no ha sido usted, ignore este correo: su contraseña no cambia.
mail-invitation-subject = Elija su contraseña
mail-invitation-opening = Se ha creado para usted la cuenta { $to } en { $host }. Elija una contraseña para usarla.
mail-choose-password = Elegir una contraseña
mail-invitation-ignore = Si no lo esperaba, ignore este correo: mientras no use el enlace, no ocurre nada.
mail-sign-up-subject = Cree su cuenta
mail-sign-up-opening = Alguien, probablemente usted, quiere una cuenta para { $to } en { $host }: { $whence }.
mail-sign-up-ignore = Si no ha sido usted, ignore este correo: mientras no use el enlace, no se crea ninguna cuenta.
mail-verification-subject = Confirme su dirección de correo
mail-verification-opening = Confirme que { $to } es su dirección en { $host }.
mail-verification-link = Confirmar la dirección
mail-verification-ignore = Si no tiene cuenta en { $host }, ignore este correo: no ocurre nada.
mail-password-changed-subject = Se ha cambiado su contraseña
mail-password-changed-opening = La contraseña de { $to } en { $host } se cambió { $whence }.
mail-password-changed-closing = Se ha cerrado su sesión en todos los demás navegadores; inicie sesión en ellos con la contraseña nueva.
mail-staying-authenticator = Se sigue pidiendo un autenticador: mírelo en { $page } y quite lo que no sea suyo.
mail-staying-passkeys =
    { $passkeys ->
        [one] Una clave de acceso sigue abriendo la cuenta: mírela en { $page } y quite lo que no sea suyo.
       *[other] { $passkeys } claves de acceso siguen abriendo la cuenta: mírelas en { $page } y quite lo que no sea suyo.
    }
mail-staying-both =
    { $passkeys ->
        [one] Una clave de acceso sigue abriendo la cuenta y se sigue pidiendo un autenticador: mírelos en { $page } y quite lo que no sea suyo.
       *[other] { $passkeys } claves de acceso siguen abriendo la cuenta y se sigue pidiendo un autenticador: mírelos en { $page } y quite lo que no sea suyo.
    }

## Factors

mail-codes-guessed-subject = Parece que alguien conoce su contraseña
mail-codes-guessed-opening = Alguien introdujo la contraseña correcta de { $to } en { $host } y después { $count } códigos incorrectos del autenticador: el último, { $whence }.
mail-codes-guessed-you = Si ha sido usted, espere al siguiente código o use un código de recuperación.
mail-passkey-added-subject = Se ha añadido una clave de acceso
mail-passkey-added-opening = Se añadió una clave de acceso para { $to } en { $host } { $whence }.
mail-passkey-added-closing = Quien la tenga puede iniciar sesión sin la contraseña.
mail-passkey-three-days = Si elige allí una contraseña nueva en un plazo de tres días, también se quita la clave de acceso, siempre que antes no tuviera un segundo factor.
mail-passkey-removed-subject = Se ha quitado una clave de acceso
mail-passkey-removed-opening = Se quitó una clave de acceso de { $to } en { $host } { $whence }.
mail-passkey-removed-closing = Ya no sirve para iniciar sesión.
mail-recovery-code-used-subject = Se ha usado un código de recuperación
mail-recovery-code-used-opening = Se usó un código de recuperación de { $to } en { $host } { $whence }.
mail-recovery-code-used-closing = No funciona una segunda vez.
mail-recovery-codes-made-subject = Tiene nuevos códigos de recuperación
mail-recovery-codes-made-opening = Se crearon nuevos códigos de recuperación para { $to } en { $host } { $whence }.
mail-recovery-codes-made-closing = Los anteriores ya no funcionan.
mail-factor-added-subject = Se ha añadido un segundo factor
mail-factor-added-opening = Se añadió un autenticador para { $to } en { $host } { $whence }.
mail-factor-added-closing = Su código se pide al iniciar sesión.
mail-factor-three-days = Si elige allí una contraseña nueva en un plazo de tres días, también se quita el autenticador, siempre que antes no tuviera un segundo factor.
mail-factor-removed-subject = Se ha quitado el segundo factor
mail-factor-removed-opening = Se quitó el autenticador de { $to } en { $host } { $whence }.
mail-factor-removed-closing = Ya no se piden sus códigos.

## Eliminar

mail-account-deleted-subject = Su cuenta se ha eliminado
mail-account-deleted-opening = La cuenta de { $to } en { $host } se eliminó { $whence }, como se había pedido.
mail-account-deleted-closing = Nada de ella se puede recuperar. Este es el último correo al respecto.
mail-deletion-requested-subject = Su cuenta se eliminará
mail-deletion-requested-opening = Alguien, probablemente usted, ha pedido eliminar la cuenta de { $to } en { $host }: { $whence }.
mail-deletion-until = Hasta el { $at } puede iniciar sesión en { $page } y conservarla; después se eliminará definitivamente.
mail-deletion-taken-back-subject = Su cuenta se conserva
mail-deletion-taken-back-opening = La cuenta de { $to } en { $host }, que se iba a eliminar, se conservó { $whence }.
mail-deletion-taken-back-closing = Las aplicaciones le pedirán que vuelva a iniciar sesión.
mail-deletion-operator-opening = Quien administra { $host } conservó la cuenta de { $to }, que se iba a eliminar, { $whence }.
mail-former-leaving-subject = Se eliminará una cuenta que tenía su dirección
mail-former-leaving-opening = Alguien ha pedido eliminar la cuenta en { $host } que hasta hace poco tenía la dirección { $to }: { $whence }.
mail-former-leaving-not-you = Si no ha sido usted, abra el enlace de nuestro correo sobre el cambio de esa dirección: hasta el { $at } devuelve esta dirección a la cuenta, y la cuenta no se elimina.
mail-former-leaving-you = Si ha sido usted, no tiene que hacer nada.

## Addresses

mail-address-link = Ver el cambio
mail-address-now = Desde ahora inicia sesión con la dirección nueva.
mail-by-operator-ask = Si no sabe por qué, pregunte a quien administra { $host }.
mail-address-allow-subject = ¿Permitir otra dirección de correo?
mail-address-allow-opening = Alguien, probablemente usted, quiere que la cuenta de { $to } en { $host } tenga la dirección { $other }: { $whence }.
mail-address-allow-closing = Nada cambia hasta que ambas direcciones acepten.
mail-address-allow-not-you = Si no ha sido usted, no lo permita y elija otra contraseña de inmediato en { $reset }: puede que alguien conozca la suya.
mail-address-changed-subject = Se ha cambiado su dirección de correo
mail-address-changed-opening = La cuenta de { $to } en { $host } recibió otra dirección de correo { $whence }.
mail-address-changed-link = No he sido yo
mail-address-changed-not-you = Si no ha sido usted, abra el enlace, que funciona hasta el { $at }: con él devuelve esta dirección a la cuenta, cierra la sesión de todos y elige otra contraseña.
mail-address-operator-opening = Quien administra { $host } dio otra dirección de correo a la cuenta de { $to } { $whence }.
mail-address-claim-subject = Confirme su nueva dirección de correo
mail-address-claim-opening = Alguien, probablemente usted, quiere que una cuenta en { $host } tenga la dirección { $to }: { $whence }.
mail-address-claim-ignore = Si no ha sido usted, ignore este correo: nada cambia si no lo acepta.
mail-address-restored-subject = Se ha deshecho un cambio de dirección
mail-address-restored-opening = La cuenta en { $host } que tenía la dirección { $to } recuperó su dirección anterior { $whence }.
mail-address-restored-closing = Alguien que lee el correo de la dirección anterior deshizo el cambio.
mail-address-restored-yours = Si la cuenta es suya, avise a quien administra { $host }.
mail-address-taken-subject = Esta dirección de correo tiene una cuenta
mail-address-taken-opening = Alguien quería que otra cuenta en { $host } tuviera la dirección { $to }: { $whence }.
mail-address-taken-closing = No se ha cambiado nada: una cuenta tiene esta dirección, o la tenía hasta hace pocos días.
mail-address-taken-you = Si ha sido usted, inicie sesión en { $login } con esta dirección.

## What others did

mail-new-device-subject = Un nuevo inicio de sesión
mail-new-device-opening = Alguien, probablemente usted, inició sesión como { $to } en { $host } con un navegador que aquí es nuevo: { $whence }.
mail-new-device-closing = En { $sessions } puede ver dónde tiene la sesión iniciada y cerrarla.
mail-password-operator-opening = Quien administra { $host } estableció otra contraseña para { $to } { $whence }.
mail-signed-out-everywhere = Se ha cerrado su sesión en todas partes.
mail-factor-operator-opening = Quien administra { $host } quitó todos los segundos factores de { $to }, también las claves de acceso, { $whence }.
mail-factor-operator-closing = Ahora basta su contraseña para iniciar sesión; se ha cerrado su sesión en todas partes.

## Personal access tokens

mail-pat-link = Ver sus tokens
mail-pat-created-subject = Se creó un token de acceso personal
mail-pat-created-opening = Alguien, probablemente usted, creó un token de acceso personal para { $to } en { $host }: { $whence }.
mail-pat-created-closing = Quien lo tenga puede hacer lo que usted puede hacer, hasta que caduque o se revoque.
mail-pat-replaced-subject = Se sustituyó un token de acceso personal
mail-pat-replaced-opening = Un token de acceso personal de { $to } en { $host } recibió otro valor { $whence }.
mail-pat-refreshed-closing = El anterior ya no funciona.
mail-pat-rolled-closing = El anterior funciona todavía un tiempo.
mail-pat-revoked-subject = Se revocó un token de acceso personal
mail-pat-revoked-opening = Un token de acceso personal de { $to } en { $host } se revocó { $whence }.
mail-pat-revoked-closing = Ya no funciona.
mail-pat-operator-opening = Quien administra { $host } revocó un token de acceso personal de { $to } { $whence }.
mail-pat-expires-subject = Un token de acceso personal caduca
mail-pat-expires-opening = Un token de acceso personal de { $to } en { $host } funciona hasta { $at }.
mail-pat-expires-closing = Los programas que lo usan dejarán de funcionar entonces, si no reciben otro antes.

## Account secrets

mail-account-secret-link = Ver el secreto de su cuenta
mail-account-secret-assigned-subject = Su cuenta tiene un secreto
mail-account-secret-assigned-opening = Quien administra { $host } convirtió { $to } en una cuenta de desarrollador { $whence }: tiene un secreto con el que programas en servidores actúan en su nombre.
mail-account-secret-assigned-closing = Lo encuentra en los ajustes de desarrollador. No se mostró a nadie.
mail-account-secret-revealed-subject = Se mostró el secreto de su cuenta
mail-account-secret-revealed-opening = Alguien, probablemente usted, hizo mostrar el secreto de la cuenta { $to } en { $host } { $whence }.
mail-account-secret-operator-revealed-opening = Quien administra { $host } hizo mostrar el secreto de la cuenta { $to } { $whence }.
mail-account-secret-revealed-closing = Quien lo haya visto puede actuar en su nombre donde se acepta, hasta que se sustituya o se revoque.
mail-account-secret-rotated-subject = Se sustituyó el secreto de su cuenta
mail-account-secret-rotated-opening = Alguien, probablemente usted, sustituyó el secreto de la cuenta { $to } en { $host } { $whence }.
mail-account-secret-operator-rotated-opening = Quien administra { $host } sustituyó el secreto de la cuenta { $to } { $whence }.
mail-account-secret-rotated-closing = En los ajustes de desarrollador ve si el anterior funciona todavía un tiempo.
mail-account-secret-revoked-subject = Se revocó el secreto de su cuenta
mail-account-secret-revoked-opening = El secreto de la cuenta { $to } en { $host } se revocó { $whence }.
mail-account-secret-operator-revoked-opening = Quien administra { $host } revocó el secreto de la cuenta { $to } { $whence }.
mail-account-secret-revoked-closing = Ya no funciona.

## Credentials that leaked

mail-leaked-subject = Otros pueden ver credenciales suyas
mail-leaked-opening = Alguien ha avisado a { $host } de que ha visto estas credenciales de { $to } donde otros también pueden verlas.
mail-leaked-link = Ver qué ocurrió con su cuenta
mail-leaked-access-token = Token de acceso de una aplicación
mail-leaked-account-secret = Secreto de su cuenta
mail-leaked-pat = Token de acceso personal
mail-leaked-refresh-token = Token de actualización de una aplicación
mail-leaked-secret = Secreto
mail-leaked-ending = { $kind } que termina en { $last4 }
mail-leaked-dead = { $what }: ya no funciona.
mail-leaked-lives = { $what }: todavía funciona.
mail-leaked-more = Y { $count } más.
mail-leaked-living = Lo que todavía funciona se dejó así porque se avisó de muchas de la misma aplicación. Retírelo en { $page } o pregunte a quien administra { $host }.
mail-leaked-closing = Quien las vio pudo haberlas usado antes. Quítelas de donde se ven y dé otras a sus programas.
