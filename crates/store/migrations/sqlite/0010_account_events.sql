-- What happened to one account is found among all that is recorded. See docs/dev/storage-schema.md.

-- Records of machines are in none of these: issuing their tokens writes nothing more.
CREATE INDEX audit_by_user ON audit (actor_id, seq)
    WHERE actor_kind = 'user' AND event <> 'code.issued' AND event <> 'token.refused';
CREATE INDEX audit_of_user ON audit (subject_id, seq) WHERE subject_kind = 'user' AND event <> 'sign_in.refused';
CREATE INDEX audit_refused_to_user ON audit (subject_id, seq)
    WHERE subject_kind = 'user' AND event = 'sign_in.refused';
-- A session that somebody else has ended than the one whose it was.
CREATE INDEX audit_of_ended_session ON audit (subject_id) WHERE event = 'session.ended' AND actor_kind <> 'user';
