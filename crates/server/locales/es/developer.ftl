### Ajustes de desarrollador: los tokens de acceso personal propios.

developer-title = Ajustes de desarrollador
developer-tokens = Tokens de acceso personal
developer-text = Con un token de acceso personal, un programa suyo llama a una API en su nombre: allí puede hacer lo que usted puede hacer, y nada más.
developer-warning = Mantenga sus tokens en secreto. No comparta ninguno en correos, chats, código que se ejecuta en el navegador ni páginas públicas. Si ha ocurrido, pulse «Renovar» junto a él: el valor que otros conocen deja de funcionar y usted recibe uno nuevo.
developer-new = Crear un token
developer-none = No tiene ningún token que funcione.
developer-ended = Caducados y revocados
developer-ended-hint = Los últimos cincuenta se pueden ver aquí durante 90 días.

## A token

developer-works = activo
developer-expired = caducado
developer-revoked = revocado
developer-full = Acceso completo (el mismo que usted)
developer-all-there = todo lo que usted puede hacer allí
developer-for = Para { $company }
developer-only-from = Solo desde { $addresses }
developer-made = Creado el { $at }
developer-used = Último uso el { $at }
developer-used-from = desde { $address }
developer-used-with = con { $client }
developer-unused = Nunca usado
developer-expires = Caduca { $when }
developer-expired-at = Caducó { $when }
developer-revoked-at = Revocado { $when }
developer-overlaps = El valor anterior funciona hasta el { $until }
developer-refresh = Renovar
developer-roll = Sustituir con transición
developer-revoke = Revocar
developer-refresh-label = Renovar el token { $name }
developer-roll-label = Sustituir con transición el token { $name }
developer-revoke-label = Revocar el token { $name }

## A new value

developer-value = Este es el valor. Cópielo ahora: no se volverá a mostrar.
developer-copy = Copiar
developer-copied = Copiado
developer-try = Para probarlo, páselo a un terminal sin dejarlo en el historial y ejecute después uno de estos:
developer-placeholder = Este servidor no sabe en qué dirección está su API. Escríbala en lugar de { $address }

## What became of it

developer-dead = El valor anterior ya no funciona.
developer-dying = El valor anterior ya no funciona aquí, y en { $bound } no funcionará en ninguna API.
developer-revoked-notice = El token está revocado.
developer-overtaken = El token acaba de recibir otro valor en otro lugar. Aquí no se cambió nada.
developer-sent-before = Este formulario ya se envió. Lo que creó está en la lista; su valor se mostró entonces y no se vuelve a mostrar. Si no lo guardó, renueve el token.
developer-too-many = Tiene { $most } tokens que funcionan y no puede haber más. Revoque uno antes.
developer-too-often = En una hora se crearon o mostraron sesenta veces valores de sus tokens y del secreto de su cuenta. Todavía puede revocar.

## Before it is done

developer-refresh-title = ¿Renovar { $name }?
developer-refresh-text = El valor que termina en { $last } deja de funcionar aquí enseguida y en las API en { $bound } como máximo, y con él todo lo que lo usa.
developer-next = Verá una sola vez un valor nuevo. El nombre y los ajustes no cambian, y el valor nuevo funciona hasta el { $until }.
developer-roll-title = ¿Sustituir { $name } con transición?
developer-roll-text = El valor que termina en { $last } sigue funcionando un tiempo, para que pueda poner el nuevo en su lugar sin prisa. Si alguien más lo conoce, renueve el token en su lugar.
developer-overlap-legend = ¿Durante cuánto tiempo?
developer-revoke-title = ¿Revocar { $name }?
developer-revoke-text = El valor que termina en { $last } deja de funcionar aquí enseguida y en las API en { $bound } como máximo, y con él todo lo que lo usa. No se puede recuperar.
developer-seconds =
    { $count ->
        [one] { $count } segundo
       *[other] { $count } segundos
    }
developer-hours =
    { $count ->
        [one] { $count } hora
       *[other] { $count } horas
    }
developer-days =
    { $count ->
        [one] { $count } día
       *[other] { $count } días
    }

## Another token

developer-name = Nombre
developer-name-hint = Para distinguirlo de otros, por ejemplo: importación nocturna.
developer-note = Nota (opcional)
developer-expires-legend = Caduca
developer-days-until = { $count } días, hasta el { $until }
developer-on-a-day = El día que usted elija
developer-day = Último día
developer-day-hint = Funciona hasta el final de ese día en UTC, pero no después del { $latest }.
developer-access = Acceso
developer-full-hint = Todo lo que usted puede hacer, en todas las API, ahora y más adelante.
developer-chosen = Solo lo que se marque aquí
developer-all-there-box = Todo lo que usted puede hacer allí, ahora y más adelante
developer-addresses = Solo desde estas direcciones (opcional)
developer-addresses-hint = Una dirección o red en cada línea, por ejemplo 192.0.2.7 o 192.0.2.0/24. Sin ninguna se puede usar desde cualquier lugar.
developer-review = Revisar
developer-review-title = ¿Está todo bien?
developer-create = Crear el token
developer-change = Cambiar algo
developer-company-text = Un token actúa para una empresa.
developer-confirm = Antes de continuar, { $link } en otra pestaña. Después vuelva a enviar este formulario.
developer-unknown-scope = El enlace pide { $scope }, que usted no puede hacer en ningún lugar. Se omite.

## What is wrong with it

developer-name-unfit = El nombre debe ser texto visible en una línea, de { $most } caracteres como máximo.
developer-note-unfit = La nota debe estar en una línea, de { $most } caracteres como máximo.
developer-expiry-unfit = Elija cuándo caduca: ni en el pasado ni después del { $latest }.
developer-company-unfit = No puede actuar para esta empresa.
developer-access-none = Marque para qué es el token, o elija el acceso completo.
developer-access-both = Ha elegido el acceso completo y ha marcado una parte. Elija una de las dos cosas.
developer-access-gone = Algo de lo que marcó ya no lo puede hacer. Revise la lista.
developer-addresses-many = Puede haber { $most } direcciones como máximo.
developer-address-unreadable = La línea { $line }, «{ $text }», no es ni una dirección ni una red.
developer-address-everybody = La línea { $line }, «{ $text }», son todos. Para eso, deje la lista vacía.
