### Lo que ha fallado, tal como lo ven las personas.

error-title-not-found = Página no encontrada
error-title-too-many = Demasiados intentos
error-title-refused = No se puede hacer
error-title-shortly = Inténtelo de nuevo en breve
error-title-failed = Algo ha fallado
error-ask = Si pide ayuda a alguien, indíquele esto: { $code }, { $request }
error-unreadable = La aplicación ha enviado una solicitud que no se puede leer.
error-client-unknown = No existe ninguna aplicación con este client_id, o ahora no puede actuar.
error-signs-nobody-in = Esta aplicación solo actúa por sí misma y no inicia la sesión de nadie.
error-redirect-uri = La redirect_uri no coincide, carácter por carácter, con ninguna registrada para esta aplicación.
error-flow-invalid = Esta solicitud es demasiado antigua o está incompleta. Vuelva a la aplicación y empiece de nuevo.
error-flow-answered = Esta solicitud ya se respondió. Vuelva a la aplicación y empiece de nuevo.
error-too-long = La solicitud es demasiado larga.
error-not-a-member = Usted no pertenece a esta empresa.
error-logout-address = Esta post_logout_redirect_uri no está registrada para la aplicación.
error-logout-hint = El id_token_hint se emitió para otra aplicación.
error-unavailable = El servidor no puede responder ahora. Inténtelo de nuevo en breve.
error-failed = El servidor no ha podido responder.
error-body = La solicitud se interrumpió, tardó demasiado o es demasiado larga.
error-foreign-form = Este formulario es demasiado antiguo o no se hizo para este navegador. Vuelva atrás, cargue la página de nuevo e inténtelo otra vez.
error-method = Esta página no se puede abrir de esta manera.
error-not-found = Aquí no hay nada.
error-overloaded = El servidor está muy ocupado. Inténtelo de nuevo en breve.
error-timed-out = El servidor ha tardado demasiado en responder. Inténtelo de nuevo en breve.
