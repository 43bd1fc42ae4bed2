//! Why a check has its state, and which rule decided.

use crate::words::worded;

worded! {
    /// Why a check has its state, for those who decide. It never reaches the person: for that there is
    /// [`MessageToPerson`](crate::MessageToPerson).
    ///
    /// It holds words of this crate only, never a value of a person or a vendor.
    pub enum Reason: "reason" {
        /// The status is one that the policy passes.
        StatusPasses = "status_passes",
            "a situação do CPF é aceita pela política", "the policy passes the status of the CPF";
        /// The status is known, and the policy does not pass it.
        StatusNotPassed = "status_not_passed",
            "a política não aceita a situação do CPF sem análise", "the policy does not pass the status without a review";
        /// The CPF is suspended.
        Suspended = "suspended", "o CPF está suspenso", "the CPF is suspended";
        /// The CPF is cancelled.
        Cancelled = "cancelled", "o CPF está cancelado", "the CPF is cancelled";
        /// The CPF is void.
        Void = "void", "o CPF está nulo", "the CPF is void";
        /// The person has died.
        Deceased = "deceased", "consta o óbito do titular", "a death of the holder is recorded";
        /// The status is missing or unknown.
        StatusUnread = "status_unread",
            "a situação do CPF falta ou é desconhecida", "the status is missing or unknown";
        /// It is not known whether the person has died.
        DeathUnclear = "death_unclear",
            "não está claro se consta óbito", "it is not clear whether a death is recorded";
        /// The answer says both yes and no.
        Contradictory = "contradictory", "a resposta se contradiz", "the answer contradicts itself";
        /// The register has another name.
        RegisteredNameDiffers = "registered_name_differs",
            "o nome no cadastro é outro", "the register has another name";
        /// The register has a similar name.
        RegisteredNameNear = "registered_name_near",
            "o nome no cadastro é parecido, mas não igual", "the name in the register is similar, but not the same";
        /// The name in the register or the stated name is missing or cannot be read.
        RegisteredNameUnread = "registered_name_unread",
            "falta o nome declarado ou o do cadastro, ou um deles é ilegível",
            "the stated or the registered name is missing or cannot be read";
        /// The document agrees with what was said.
        DocumentAgrees = "document_agrees",
            "o documento confere com o que foi declarado", "the document agrees with what was said";
        /// The vendor says that the document is not genuine.
        NotGenuine = "not_genuine",
            "o fornecedor diz que o documento não é autêntico", "the vendor says that the document is not genuine";
        /// The vendor's statement of genuineness is missing or cannot be read.
        GenuineUnclear = "genuine_unclear",
            "não está claro se o documento é autêntico", "it is not clear whether the document is genuine";
        /// The likelihood that the document is genuine is below the one that the policy asks for.
        GenuineTooUnlikely = "genuine_too_unlikely",
            "a probabilidade de o documento ser autêntico está abaixo da pedida",
            "the likelihood that the document is genuine is below the one that is asked for";
        /// Another kind of document was recognized than the person stated.
        KindDiffers = "kind_differs",
            "o tipo de documento reconhecido não é o declarado", "the document is of another kind than stated";
        /// The CPF on the document differs.
        CpfDiffers = "cpf_differs", "o CPF no documento é outro", "the document has another CPF";
        /// The CPF on the document was not read.
        CpfUnread = "cpf_unread", "o CPF não foi lido no documento", "the CPF was not read from the document";
        /// The date of birth differs.
        BirthDateDiffers = "birth_date_differs",
            "a data de nascimento no documento é outra", "the document has another date of birth";
        /// The date of birth was not read, or not stated.
        BirthDateUnread = "birth_date_unread",
            "a data de nascimento não foi lida ou não foi declarada", "the date of birth was not read or not stated";
        /// The name on the document differs.
        NameDiffers = "name_differs", "o nome no documento é outro", "the document has another name";
        /// The name on the document is similar.
        NameNear = "name_near",
            "o nome no documento é parecido, mas não igual", "the name on the document is similar, but not the same";
        /// The name was not read, or not stated.
        NameUnread = "name_unread",
            "o nome não foi lido ou não foi declarado", "the name was not read or not stated";
        /// The faces match at the rate that the policy asks for.
        MatchAtRate = "match_at_rate",
            "os rostos conferem na taxa pedida", "the faces match at the rate that is asked for";
        /// The faces match above the similarity that the policy asks for.
        MatchAtSimilarity = "match_at_similarity",
            "os rostos conferem acima da semelhança pedida", "the faces match above the similarity that is asked for";
        /// The register says that the face is the person's, and the policy asks for no rate.
        RegisterMatches = "register_matches",
            "o cadastro confirma o rosto", "the register confirms the face";
        /// The faces do not match.
        NoMatch = "no_match", "os rostos não conferem", "the faces do not match";
        /// The vendor came to no verdict.
        FaceInconclusive = "face_inconclusive",
            "a comparação dos rostos não teve resultado", "the comparison of the faces is inconclusive";
        /// The faces match, at a rate of more false accepts than the policy allows.
        RateTooLoose = "rate_too_loose",
            "os rostos conferem, mas não na taxa pedida", "the faces match, but not at the rate that is asked for";
        /// The faces match, below the similarity that the policy asks for, or without a similarity.
        SimilarityTooLow = "similarity_too_low",
            "a semelhança falta ou está abaixo da pedida", "the similarity is missing or below the one that is asked for";
        /// The vendor states no rate, and the policy has no similarity for it.
        NoMeasure = "no_measure",
            "o fornecedor não informa taxa, e a política não traz uma semelhança mínima para ele",
            "the vendor states no rate, and the policy has no minimal similarity for it";
        /// A living person was there, proved by the method that the policy asks for.
        Live = "live", "prova de vida pelo método pedido", "liveness was proved by the method that is asked for";
        /// The vendor says that no living person was there.
        NotLive = "not_live", "o fornecedor nega a prova de vida", "the vendor denies liveness";
        /// The vendor came to no finding of liveness.
        LivenessUnclear = "liveness_unclear", "a prova de vida não teve resultado", "liveness is inconclusive";
        /// Liveness was proved by another method than the policy asks for.
        OtherMethod = "other_method",
            "o fornecedor não faz a prova de vida pelo método pedido",
            "the vendor does not prove liveness by the method that is asked for";
        /// The vendor sees a low risk.
        RiskLow = "risk_low", "o fornecedor vê risco baixo", "the vendor sees a low risk";
        /// The vendor sees more than a low risk.
        RiskHigh = "risk_high", "o fornecedor vê risco mais que baixo", "the vendor sees more than a low risk";
        /// The vendor came to no assessment of the risk.
        RiskUnclear = "risk_unclear", "o risco não foi avaliado", "the risk was not assessed";
        /// The vendor asks for something again.
        Retake = "retake", "o fornecedor pede um novo envio", "the vendor asks for something again";
        /// The vendor asks for something again, and no attempt is left.
        OutOfAttempts = "out_of_attempts",
            "o fornecedor pede um novo envio, e as tentativas acabaram",
            "the vendor asks for something again, and no attempt is left";
        /// There is no answer for the check.
        NoAnswer = "no_answer", "a resposta não traz esta verificação", "the answer says nothing of this check";
        /// The answer is missing, cannot be parsed, is unknown or contradicts itself.
        AnswerUnclear = "answer_unclear", "a resposta não é clara", "the answer is not clear";
        /// The vendor decides later.
        Pending = "pending", "o fornecedor ainda não respondeu", "the vendor has not answered yet";
        /// A paid call may have landed.
        MayHaveBeenPaid = "may_have_been_paid",
            "uma consulta pode ter sido paga, e nada diz o que houve com ela",
            "a call may have been paid, and nothing tells what became of it";
        /// The call was not sent, or the vendor refused it.
        CallFailed = "call_failed",
            "a consulta não foi enviada ou foi rejeitada", "the call was not sent or was refused";
        /// The case has had as many paid calls as the policy allows.
        PaidCallsUsedUp = "paid_calls_used_up",
            "as consultas pagas que a política permite acabaram",
            "the case has had as many paid calls as the policy allows";
        /// The vendor does not offer the check.
        NotOffered = "not_offered", "o fornecedor não oferece a verificação", "the vendor does not offer the check";
        /// The policy wants every answer, and names a vendor that is not configured.
        NotConfigured = "not_configured",
            "a política nomeia o fornecedor, e ele não está configurado",
            "the policy names the vendor, and it is not configured";
        /// The vendor was not asked.
        NotAsked = "not_asked", "o fornecedor não foi consultado", "the vendor was not asked";
        /// The policy does not name the vendor for the check, or not the check at all.
        NotInPolicy = "not_in_policy",
            "a política não nomeia o fornecedor para esta verificação", "the policy does not name the vendor for the check";
    }
}

worded! {
    /// The rules by which a case is decided, in their order: the first that applies decides.
    pub enum Rule: "rule" {
        /// The status of the CPF is one that the policy refuses.
        RegistrationRefused = "check.registration.refuse",
            "A política recusa esta situação do CPF", "The policy refuses this status of the CPF";
        /// A required check failed, and the policy refuses then.
        FailRefused = "on_fail.refuse",
            "Uma verificação exigida foi reprovada, e a política recusa nesse caso",
            "A required check failed, and the policy refuses then";
        /// Vendors say yes and no to the same check.
        Disputed = "on_unclear.disputed",
            "Os fornecedores discordam, e uma pessoa decide", "Vendors disagree, so a person decides";
        /// A check failed.
        FailReviewed = "on_fail.review",
            "Uma verificação foi reprovada, e uma pessoa decide", "A check failed, so a person decides";
        /// A paid call may have landed.
        Uncertain = "on_unclear.uncertain",
            "Não se sabe o que houve com uma consulta paga, e uma pessoa decide",
            "It is not known what became of a paid call, so a person decides";
        /// An answer is not clear.
        Unclear = "on_unclear",
            "Uma resposta não é clara, e uma pessoa decide", "An answer is not clear, so a person decides";
        /// The person did not hand in again what is needed.
        Retake = "retake",
            "Falta um novo envio da pessoa, e alguém decide", "The person has to hand something in again";
        /// A vendor has not answered.
        Pending = "pending",
            "Falta a resposta de um fornecedor, e uma pessoa decide",
            "A vendor has not answered, so a person decides";
        /// No vendor offers a required check.
        NotOffered = "not_offered",
            "Nenhum fornecedor oferece uma verificação exigida, e uma pessoa decide",
            "No vendor offers a required check, so a person decides";
        /// A check of the policy was not made.
        NotAsked = "not_asked",
            "Uma verificação da política não foi feita, e uma pessoa decide",
            "A check of the policy was not made, so a person decides";
        /// Every required check passed.
        AllPassed = "all_passed",
            "Todas as verificações exigidas foram aprovadas", "Every required check of the policy passed";
    }
}
