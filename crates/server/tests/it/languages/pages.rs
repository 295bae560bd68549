//! Every page in every language.

use rstest::rstest;
use tokenry_testkit::{Options, TestApp};

use super::is_in;

/// For each page its path, and its first heading in German, English, Spanish and French.
const BEFORE_SIGN_IN: [(&str, [&str; 4]); 9] = [
    ("/login", ["Anmelden", "Sign in", "Iniciar sesión", "Connexion"]),
    (
        "/logout",
        ["Sie sind abgemeldet", "You are signed out", "Ha cerrado la sesión", "Votre session est fermée"],
    ),
    (
        "/reset",
        [
            "Neues Passwort wählen",
            "Choose a new password",
            "Elija una contraseña nueva",
            "Choisir un nouveau mot de passe",
        ],
    ),
    (
        "/reset/sent",
        [
            "Sehen Sie in Ihrem Postfach nach",
            "Check your e-mail",
            "Revise su correo",
            "Consultez votre messagerie",
        ],
    ),
    (
        "/reset/done",
        [
            "Ihr Passwort ist festgelegt",
            "Your password is set",
            "Su contraseña se ha establecido",
            "Votre mot de passe est défini",
        ],
    ),
    ("/signup", ["Konto anlegen", "Make an account", "Crear una cuenta", "Créer un compte"]),
    (
        "/verify",
        [
            "Dieser Link funktioniert nicht mehr",
            "This link does not work any more",
            "Este enlace ya no funciona",
            "Ce lien ne fonctionne plus",
        ],
    ),
    (
        "/account/nothing",
        ["Seite nicht gefunden", "Page not found", "Página no encontrada", "Page introuvable"],
    ),
    (
        "/authorize?client_id=nobody",
        ["Das geht nicht", "This cannot be done", "No se puede hacer", "C’est impossible"],
    ),
];

const ACCOUNT: [(&str, [&str; 4]); 6] = [
    ("/account", ["Mein Profil", "My Profile", "Mi perfil", "Mon profil"]),
    (
        "/account/apps",
        [
            "Was Sie Anwendungen erlauben",
            "What you let applications do",
            "Lo que permite a las aplicaciones",
            "Ce que vous autorisez aux applications",
        ],
    ),
    ("/account/data", ["Ihre Daten", "Your data", "Sus datos", "Vos données"]),
    (
        "/account/security",
        [
            "Passwort und zweiter Faktor",
            "Password and second factor",
            "Contraseña y segundo factor",
            "Mot de passe et second facteur",
        ],
    ),
    (
        "/account/sessions",
        [
            "Wo Sie angemeldet sind",
            "Where you are signed in",
            "Dónde tiene la sesión iniciada",
            "Vos sessions ouvertes",
        ],
    ),
    ("/logout", ["Abmelden?", "Sign out?", "¿Cerrar la sesión?", "Se déconnecter\u{202f}?"]),
];

#[rstest]
#[case::german("de", 0)]
#[case::english("en", 1)]
#[case::spanish("es", 2)]
#[case::french("fr", 3)]
#[tokio::test]
async fn http_17_every_page_is_there_in_every_language(#[case] language: &'static str, #[case] place: usize) {
    let app = TestApp::with(Options { sign_up: true, ..Options::default() }).await;
    let ann = app.person("ann").await;
    let mut browser = app.browser();
    browser.reads = language;
    for (path, headings) in BEFORE_SIGN_IN {
        let page = browser.open(path).await;
        is_in(&page, language);
        // French writes a space that tests read as any other.
        assert_eq!(page.texts("h1"), [headings[place].replace('\u{202f}', " ")], "{path}");
    }
    ann.sign_in(&mut browser).await;
    for (path, headings) in ACCOUNT {
        let page = browser.open(path).await;
        is_in(&page, language);
        assert_eq!(page.texts("h1"), [headings[place].replace('\u{202f}', " ")], "{path}");
    }
}

/// What programs read is English, whoever asks.
#[tokio::test]
async fn programs_are_answered_in_english() {
    let app = TestApp::start().await;
    for path in ["/oauth/token", "/nothing"] {
        let request = app.http.get(app.url(path)).header("accept-language", "de");
        let answer = tokenry_testkit::Answer::to(request).await;
        assert!(answer.header("content-language").is_empty(), "{answer:?}");
        assert!(["This path", "There is"].iter().any(|said| answer.body.contains(said)), "{answer:?}");
    }
}
