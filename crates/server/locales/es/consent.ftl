### Lo que se permite a una aplicación: /consent, la empresa y la vuelta a la aplicación.

company-title = ¿Para qué empresa?
company-text = Elija aquella en la que { $app } actuará en su nombre.
company-cancel = Cancelar
consent-signed-in-as = Ha iniciado sesión como { $username }.
consent-signed-in-for-company = Ha iniciado sesión como { $username }, para { $company }.
consent-signed-in-for-all = Ha iniciado sesión como { $username }, para todas las empresas de { $corporation }.
consent-title = ¿Permitir el acceso de { $app }?
consent-verified = Verificada: una de nuestras propias aplicaciones.
consent-unverified = No verificada: una aplicación de otra empresa.
consent-on-to = A continuación irá a { $host }.
consent-on-to-this-computer = A continuación irá a una aplicación de este equipo.
consent-another-account = Usar otra cuenta
consent-can = La aplicación podrá
consent-in = En { $api }
consent-about-you = Sobre usted
consent-cannot = La aplicación no podrá
consent-deny = Denegar
consent-allow = Permitir
consent-take-back = Puede retirarlo en cualquier momento: en su cuenta, en «Aplicaciones».

## Scopes of OpenID Connect, and what no application gets

scope-address = Ver su dirección postal
scope-email = Ver su dirección de correo
scope-offline-access = Conservar este acceso en su ausencia
scope-openid = Saber quién es usted aquí
scope-phone = Ver su número de teléfono
scope-profile = Ver su nombre y su perfil
cannot-see-password = Ver o cambiar su contraseña
cannot-change-account = Modificar su cuenta

## The way back

back-title = De vuelta a la aplicación
back-text = Si no ocurre nada por sí solo:
