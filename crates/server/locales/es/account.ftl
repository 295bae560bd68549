### La cuenta: navegación, Mi perfil, sesiones, aplicaciones.

account-label = Cuenta
account-to-content = Ir al contenido
account-profile = Perfil
account-security = Seguridad
account-sessions = Sesiones
account-apps = Aplicaciones
account-developer = Ajustes de desarrollador
account-data = Sus datos
account-sign-out = Cerrar sesión

## My Profile

profile-title = Mi perfil
profile-saved = Su perfil se ha guardado.
profile-acting-for = Actúa en nombre de
profile-about-you = Sobre usted
profile-save = Guardar
profile-hint = Puede dejarlo todo vacío. Una aplicación solo conoce estos datos si usted le permite ver su perfil o su número de teléfono.
profile-name = Nombre completo
profile-given-name = Nombre
profile-family-name = Apellidos
profile-nickname = Apodo
profile-phone-number = Número de teléfono
profile-website = Sitio web
profile-language = Idioma
profile-language-browser = Según el navegador
profile-overtaken = Su cuenta acaba de cambiar en otro lugar. Revise lo que ha escrito y guárdelo otra vez.
profile-unfit = «{ $field }» no se puede guardar: { $problem }.
profile-telephone-form = escríbalo como +49 30 123456
profile-website-form = debe empezar por https:// o http://
profile-too-long = debe tener como máximo { $most } caracteres en una línea
profile-misleading = el carácter { $character } no se ve o se confunde con otro
profile-too-much = junto con el resto de su perfil es demasiado largo

## Sessions

sessions-title = Sesiones
sessions-heading = Dónde tiene la sesión iniciada
sessions-this-browser = este navegador
sessions-unknown-device = Dispositivo desconocido
sessions-unknown-address = dirección IP desconocida
browser-on = { $browser } en { $system }
sessions-line = { $address }, última actividad el { $last }, iniciada el { $since }
sessions-end-label = Cerrar sesión en { $device }, { $address }, última actividad el { $last }
sessions-end = Cerrar sesión
sessions-end-all = Cerrar sesión en todas partes

## Applications

apps-title = Aplicaciones
apps-heading = Lo que permite a las aplicaciones
apps-none = No ha permitido que ninguna aplicación actúe en su nombre.
apps-verified = verificada
apps-unverified = no verificada
apps-for = Para { $company }:
apps-for-all = Para todas las empresas de { $corporation }:
apps-in = En { $api }:
apps-about-you = Sobre usted:
apps-since = Desde el { $since }
apps-take-back = Retirar
apps-take-back-label = Retirar el acceso de { $app }
apps-take-back-scope-label = Retirar a { $app }: { $scope }
apps-hint = Lo que retire termina de inmediato, también lo que la aplicación ya tiene. Si retira un solo permiso, la aplicación tendrá que volver por los demás y podrá pedirle de nuevo el que retiró.
profile-language-form = no es un idioma
language-itself = Español
