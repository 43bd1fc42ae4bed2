//! The texts about verifications in Brazilian Portuguese.

use crate::messages::{VerifyErrors, VerifyHelp, VerifyWords};

pub(super) const HELP: VerifyHelp = VerifyHelp {
    about: "Verifica uma pessoa: consulta os fornecedores, aplica uma política e decide",
    long_about: "Verifica uma pessoa: consulta os fornecedores, aplica uma política e decide.\n\n\
                 Sem argumentos, verifica uma pessoa de exemplo no sandbox embutido: nada sai desta máquina. Com uma pessoa \
                 sua, consulta em ordem os fornecedores configurados e guarda o caso criptografado: o que foi enviado nunca é \
                 reenviado por si só, e um caso interrompido continua com --resume.",
    store: "O arquivo dos casos; o padrão é kyc-verify.sqlite, e para o exemplo kyc-verify-sample.sqlite",
    plain_text: "Guarda os casos sem criptografia",
    cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão; sem pessoa, um exemplo vai ao sandbox",
    name: "O nome completo da pessoa",
    birth_date: "A data de nascimento da pessoa, como 2001-11-15 ou 15/11/2001",
    selfie: "Uma foto do rosto da pessoa, ou - para a entrada padrão",
    front: "O lado do documento de identidade com o rosto",
    back: "O outro lado do documento",
    kind: "O tipo do documento",
    capture: "Os quadros de uma captura feita pela sua própria tela, em ordem",
    reference: "A sua referência: a mesma referência é o mesmo caso, e nada é pago de novo; o padrão é aleatório",
    policy: "A política que decide; o padrão é a da configuração, ou a de `kyc verify policy show`",
    vendor: "Consulta só este fornecedor; pode ser repetida; o padrão são todos os configurados",
    resume: "Continua este caso; com --selfie, --front, --back ou --capture, a pessoa reenvia estas imagens",
    new_capture: "A pessoa refaz a captura pelo kit do fornecedor",
    batch: "Verifica as pessoas deste arquivo CSV",
    timeout: "Quanto tempo espera pelos fornecedores e pela pessoa, em segundos",
    force: "Começa mesmo que outro caso da mesma pessoa esteja aberto",
    repeat_uncertain: "Reenvia uma vez as consultas de que não se sabe o que houve; podem ser pagas duas vezes",
    ls: "Lista os casos, do mais novo ao mais antigo",
    show: "Mostra um caso como está, sem nenhuma consulta",
    review: "Mostra o que uma pessoa precisa decidir, e por quê",
    decide: "Grava em um caso a decisão de uma pessoa",
    hold: "Retém um caso, para que nada dele seja apagado, ou o libera",
    forget: "Apaga o que é pessoal em um caso e diz o que fica",
    check: "Confere que ninguém alterou nem retirou um registro",
    key: "Mostra uma chave nova para os casos",
    policy_about: "Mostra e confere políticas",
    policy_show: "Mostra a política que decide os casos novos",
    policy_check: "Diz em frases o que uma política faz e quanto um caso pode custar",
    policy_sample: "Mostra a política do exemplo",
    policy_file: "A política, um arquivo TOML, ou - para a entrada padrão",
    id: "O id do caso, como `kyc verify ls` mostra",
    checked: "O id de um caso; o padrão são todos os casos",
    open_only: "Só casos que ainda não foram decididos",
    cpf_of: "Só casos desta pessoa; - lê o CPF da entrada padrão",
    limit: "Lista no máximo este número",
    who: "Quem age",
    why: "Por quê",
    verdict: "A decisão",
    approve: "a pessoa é aprovada",
    refuse: "a pessoa é recusada",
    release: "Libera o caso",
    show_kit: "Mostra o que o kit do fornecedor precisa para a captura; pode conter dados pessoais",
    state: "Só casos neste estado",
    reveal: "Também o que é pessoal: o que a pessoa declarou, referências, respostas, quem decidiu",
    preflight: "Olha as fotos nesta máquina primeiro e pede fotos melhores uma vez; sem a opção, conforme a configuração",
    ignore_advice: "Segue com as fotos como estão",
    export: "Mostra tudo o que está guardado de um caso, em JSON",
    retain: "Apaga as fotos que as políticas dos casos não guardam mais",
    watch: "Consulta os fornecedores que podem trazer notícias ruins depois da decisão",
    policy_test: "Decide de novo casos guardados, por outra política, sem nenhuma consulta e sem gravar nada",
    tested: "Testa no máximo este número de casos, os mais novos",
    report: "Grava o caso como uma página para uma pessoa de compliance, HTML; contém dados pessoais",
    pictures: "Termina a página com as fotos enviadas",
    replace: "Substitui o arquivo de --report",
};

pub(super) const WORDS: VerifyWords = VerifyWords {
    simulated: "sandbox: nenhum fornecedor foi consultado, nada foi pago",
    no_key: "os casos precisam de uma chave: defina KYC_VERIFY_KEY, ou key em [verify] no kyc.toml, com o que `kyc verify key` \
             mostra; ou escolha --plain-text",
    no_file: |path| format!("ainda não há casos: {path} não existe; `kyc verify` verifica um exemplo"),
    encrypted: |path| format!("Os casos ficam em {path}, criptografados."),
    plain_text: |path| format!("Os casos ficam em {path}, sem criptografia."),
    keep_key: "Defina KYC_VERIFY_KEY com ela e guarde uma cópia: sem a chave, ninguém lê os casos.",
    mixed: "alguns fornecedores estão configurados em um sandbox e outros não: um caso nunca os mistura; escolha com --vendor",
    no_vendor: |variables| {
        format!(
            "nenhum fornecedor está configurado: defina as variáveis de um deles ({variables}) ou a tabela dele no kyc.toml; ou \
             use --sandbox"
        )
    },
    sample_note: "Uma pessoa de exemplo, no sandbox embutido: nada sai desta máquina. O caso fica guardado sem criptografia, \
                  porque nada nele é real.",
    too_many_frames: |most| format!("deve ter no máximo {most} imagens"),
    only_pictures_again: "não pode ser alterado em um caso que começou: só imagens são reenviadas",
    empty: "não pode ficar vazio",
    running: "verificando",
    asking: |vendor, step| format!("{vendor}: {step}"),
    interrupted: |case, options| format!("interrompido: o caso {case} continua com `kyc verify {options}`"),
    interrupted_sample: |case| {
        format!(
            "interrompido: o sandbox embutido terminou com o caso {case}; comece de novo com `kyc verify`"
        )
    },
    row_case: "caso",
    row_policy: "política",
    row_disagree: "divergência",
    row_paid: "pagas",
    row_not_covered: "não coberto",
    row_watch: "observação",
    row_person: "diga a ela",
    row_kit: "para o kit",
    row_next: "a seguir",
    row_rule: "motivo",
    row_kept: "fica",
    row_elsewhere: "em outro lugar",
    row_hash: "hash",
    row_vendors: "fornecedores",
    head_check: "verificação",
    head_result: "resultado",
    case: |case, reference| format!("{case}, referência {reference}"),
    policy: |version, hash| format!("{version}, SHA-256 {hash}…"),
    registration: "cadastro",
    document: "documento",
    face_document: "face/documento",
    face_register: "face/cadastro",
    liveness: "prova de vida",
    risk: "risco",
    cpf: "CPF",
    birth_date: "data de nascimento",
    name: "nome",
    optional: " (opcional)",
    disputed: "os fornecedores divergem",
    agree: |fields| format!("confere: {fields}"),
    rate: |found, asked| format!("{found}, pedida {asked}"),
    by_capture: "por captura",
    by_still: "por foto",
    in_simulation: "(simulada)",
    disagree: |check, yes, no| format!("{check}: {yes} diz sim, {no} diz não"),
    nothing: "nada",
    paid: |paid, limit, list, uncertain| format!("{paid} de {limit}{list}; incertas {uncertain}"),
    not_covered: "PEP, sanções, endereço, renda: nenhum fornecedor deste programa",
    left_out: |checks| format!("fora da política: {checks}"),
    nothing_independent: "nada que não venha da própria pessoa foi comparado com o rosto",
    watch: |vendor, until| format!("{vendor} ainda pode informar fraude até {until}"),
    approved: "APROVADO",
    refused: "RECUSADO",
    review: "ANÁLISE",
    waits: "ESPERA",
    alert: "ALERTA",
    forgotten: "ESQUECIDO",
    by_person: "uma pessoa decidiu",
    waits_for_person: "a pessoa precisa fazer algo",
    waits_for_vendor: "um fornecedor ainda não respondeu",
    is_running: "o caso não terminou",
    alert_why: "veio uma notícia ruim depois da aprovação",
    forgotten_why: "o que era pessoal foi apagado",
    next_resume: |command| format!("continue com {command}"),
    next_review: |command| format!("o que há para decidir: {command}"),
    none: "nenhum caso",
    more: |limit| format!("Há mais antigos: --limit é {limit}."),
    state_held: ", retido",
    state_requested: ", revisão pedida",
    review_requested: "a pessoa pediu a revisão por uma pessoa, e ninguém a fez",
    decide_by: "Decida com um destes:",
    held: "RETIDO",
    held_what: "nada do caso é apagado até que seja liberado",
    released: "LIBERADO",
    released_what: "o caso pode ser esquecido de novo",
    deleted: "APAGADO",
    deleted_what: |pictures, records| {
        format!("{pictures} fotos e declarações, e o que era pessoal em {records} registros")
    },
    kept_what: |records| {
        format!(
            "{records} registros sem nada pessoal: que etapas foram enviadas, o que foi decidido e quando, como prova"
        )
    },
    elsewhere: "os fornecedores guardam o que receberam; peça a cada um",
    sound: "ÍNTEGRO",
    sound_what: |cases| match cases {
        1 => "1 caso: nenhum registro foi alterado nem retirado".to_owned(),
        cases => format!("{cases} casos: nenhum registro foi alterado nem retirado"),
    },
    tampered: "ADULTERADO",
    tampered_at: |case, seq| format!("{case} na posição {seq}"),
    would: "DECIDIDO",
    would_what: |changed, all| format!("{changed} de {all} casos de outra forma que antes"),
    would_be: |was, would| format!("{was} -> {would}"),
    untested: |cases| format!("{cases} esquecidos ou incompletos"),
    retained: "APAGADO",
    retained_what: |pictures| format!("{pictures} fotos que as políticas não guardam mais"),
    kept_pictures: |pictures, why| format!("{pictures} fotos: {why}"),
    valid: "VÁLIDA",
    all_vendors: |list| format!("{list} (nenhum está configurado, então valem todos)"),
    kit: |vendor, name| format!("{vendor}: {name}"),
    kit_until: |vendor, name, until| format!("{vendor}: {name}, até {until}"),
    written: |path| format!("O relatório está em {path}; contém dados pessoais, e só você pode lê-lo."),
    exists: "já existe: substitua-o com --replace, ou indique outro arquivo",
};

pub(super) const ERRORS: VerifyErrors = VerifyErrors {
    different_body: |case| {
        format!("a referência já é do caso {case}, com outra pessoa ou outras imagens; nada foi enviado")
    },
    refused_picture: |item, rule| format!("nenhum fornecedor aceita {item}: {rule}; nada foi enviado"),
    missing: |items| format!("a política não pode ser cumprida sem o que falta: {items}; nada foi enviado"),
    person_has_case: |case| {
        format!(
            "o caso {case} da mesma pessoa ainda está aberto; continue com `kyc verify --resume {case}`, ou comece outro com \
             --force"
        )
    },
    incomplete: |case| format!("o caso {case} está incompleto: comece-o de novo com a mesma referência"),
    other_environment: |case| {
        format!("o caso {case} começou em outro lugar: um caso nunca mistura o sandbox e os fornecedores")
    },
    unread_policy: |case| format!("a política do caso {case} não pode ser lida por esta versão: atualize"),
    closed: |case| format!("o caso {case} está decidido ou esquecido: nada mais é reenviado"),
    silent: |vendor| format!("{vendor} não pôde ser consultado sobre novidades: tente de novo"),
    out_of_attempts: "a pessoa já reenviou isto tantas vezes quanto a política permite",
    unrecorded: |step, why| {
        format!(
            "a resposta de {step} chegou, mas não pôde ser gravada ({why}): está na saída padrão, contém dados pessoais e não \
             existe em nenhum outro lugar; a consulta pode ter sido paga"
        )
    },
    unknown: |case| format!("não existe o caso {case}"),
    conflict: "outro processo gravou no caso ao mesmo tempo; tente de novo",
    leased: |until| {
        format!("outro processo cuida do caso até {until}, ou até terminar; tente de novo depois")
    },
    forgotten: "o que é pessoal no caso foi apagado, e ele não pode continuar",
    is_held: "o caso está retido: libere-o antes, com `kyc verify hold --release`",
    person_busy: "outro caso da mesma pessoa tem uma consulta em curso no mesmo fornecedor; tente de novo",
    tampered: |case, seq| format!("os registros do caso {case} foram alterados na posição {seq}"),
    full: "o arquivo não cabe: não há mais espaço no disco",
    busy: "o arquivo está ocupado por outro processo; tente de novo",
    overloaded: "há pedidos demais à espera do arquivo; tente de novo",
    read_only: |why| format!("o arquivo não pode ser gravado: {why}"),
    wrong_key: |why| format!("a chave dos casos não serve: {why}"),
    newer: "o arquivo foi gravado por uma versão mais nova: atualize",
    not_durable: |why| format!("o arquivo não resistiria a uma queda de energia: {why}"),
    damaged: |why| format!("o arquivo está danificado: {why}"),
    failed: |why| format!("o arquivo falhou: {why}"),
};
