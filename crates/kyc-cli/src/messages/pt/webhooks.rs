//! The texts about webhooks in Brazilian Portuguese.

use crate::messages::{
    InboxErrors, InboxHelp, InboxWords, Listen, ListenHelp, Refusals, Registration, TriggerHelp, TriggerWords,
};

pub(super) const LISTEN_HELP: ListenHelp = ListenHelp {
    source: "Recebe só este webhook, como certiface-completion; pode ser repetida; sem a opção, todos os configurados",
    forward_to: "Envia cada evento por POST a esta URL, com a query que o fornecedor enviou; https, ou http nesta máquina",
    allow_plain_http: "Permite --forward-to com http para outra máquina: quem estiver no caminho lê os eventos",
    public_url: "A URL em que os fornecedores alcançam este programa, como cadastrada com eles, sem /webhooks/…",
    address: "O endereço e a porta em que escuta; o padrão é 127.0.0.1:8760, e a porta 0 escolhe uma livre",
    trusted_proxy: "Confia no X-Forwarded-For deste endereço ou rede; pode ser repetida",
    sandbox_port: "A porta do sandbox embutido",
    json: "Mostra um objeto JSON por linha",
};

pub(super) const INBOX_HELP: InboxHelp = InboxHelp {
    ls: "Lista os eventos, do mais novo ao mais antigo",
    show: "Mostra um evento",
    replay: "Recoloca eventos na fila, mesmo os já tratados; com --forward-to, entrega aqui e agora",
    dead: "Lista os eventos mortos, com os motivos",
    purge: "Apaga o conteúdo de eventos antigos que estão tratados, mortos ou inesperados",
    forget: "Apaga o conteúdo recebido sobre uma pessoa",
    stats: "Conta os eventos por estado",
    key: "Mostra uma chave nova para um inbox",
    store: "O arquivo do inbox; o padrão é kyc-inbox.sqlite",
    plain_text: "Mantém o inbox sem criptografia",
    state: "Só eventos neste estado; pode ser repetida",
    source: "Só eventos deste webhook",
    event_type: "Só eventos deste tipo",
    since: "Só eventos recebidos desde então: 12h, 90d, 2026-01-31 ou 2026-01-31T08:00:00Z",
    limit: "Lista no máximo este número",
    id: "O id do evento, como `kyc inbox ls` mostra",
    ids: "Os ids dos eventos, como `kyc inbox ls` mostra",
    body: "Mostra também o conteúdo recebido, que contém dados pessoais",
    forward_to: "Envia os eventos uma vez a esta URL, aqui e agora; o inbox fica como está",
    older_than: "Eventos recebidos há mais tempo que isto: 90d, 12h, 2w",
    cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão",
};

pub(super) const TRIGGER_HELP: TriggerHelp = TriggerHelp {
    vendor: "O fornecedor",
    outcome: "O desfecho",
    cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão: o desfecho também vale para as próximas requisições dessa \
          pessoa; sem ele, a pessoa de um CPF de teste",
    operation: "A operação, se o desfecho pertence a várias",
    reason: "O que o fornecedor informa como motivo, nos desfechos que têm um",
    delay: "Quanto tempo o fornecedor leva, no relógio do sandbox",
    sandbox_url: "O endereço do sandbox",
    allow_other_hosts: "Permite um sandbox em outra máquina",
};

pub(super) const LISTEN: Listen = Listen {
    simulated: |sandbox| format!("todos os eventos vêm do sandbox embutido em {sandbox}"),
    register: "Cadastre estas URLs:",
    registered: "Cadastradas no sandbox:",
    clients: |sandbox| format!("O que os clientes do sandbox precisam: {sandbox}/_sandbox/"),
    no_public_url: "Nenhuma URL pública está definida: um fornecedor que assina a URL só é aceito se chamar exatamente \
                    estas; defina --public-url.",
    not_encrypted: "Outras máquinas alcançam este endereço, e http não é criptografado: deixe só o seu proxy alcançá-lo.",
    encrypted: |path| format!("Os eventos ficam em {path}, criptografados."),
    plain_text: |path| format!("Os eventos ficam em {path}, sem criptografia."),
    temporary: |path| {
        format!(
            "Os eventos ficam guardados até este programa terminar; para vê-los: `kyc inbox ls --plain-text --store {path}`"
        )
    },
    forwarding: |url| format!("Os eventos são encaminhados a {url} até a resposta 2xx."),
    no_forwarding: "Os eventos não são encaminhados: continuam novos no inbox, para outro programa ou para --forward-to.",
    times: "Horários em UTC. Pare com Ctrl-C.",
    stopped: |open| match open {
        0 => "Parado.".to_owned(),
        1 => "Parado. 1 evento ainda não foi tratado e espera no inbox.".to_owned(),
        open => format!("Parado. {open} eventos ainda não foram tratados e esperam no inbox."),
    },
    left_out: |lines| match lines {
        1 => "           mais 1 linha omitida".to_owned(),
        lines => format!("           mais {lines} linhas omitidas"),
    },
    no_sources: |variables| {
        format!(
            "nenhum webhook está configurado: defina ao menos uma de {variables}, ou as mesmas chaves no kyc.toml; ou \
             acrescente --sandbox"
        )
    },
    cannot_listen: |address, why| format!("não é possível escutar em {address}: {why}"),
    not_forwarding: |why| format!("por enquanto os eventos não são encaminhados: {why}"),
    stored: "guardado",
    duplicate: "repetido",
    other_body: "repetido com outro conteúdo",
    unexpected: "inesperado",
    empty: "sem evento",
    refused: |why, status| format!("recusado: {why} ({status})"),
    forwarded: |status| format!("encaminhado {status}"),
    retry: |why, seconds| format!("{why}, outra em {seconds} s"),
    dead: |why| format!("morto: {why}"),
    answered: |status| status.to_string(),
    purged: "o conteúdo foi apagado",
};

pub(super) const REFUSALS: Refusals = Refusals {
    route: "nenhum webhook neste path",
    method: "não é POST",
    header: "sem credenciais",
    no_url: "falta a URL pública",
    no_peer: "remetente desconhecido",
    timestamp: "horário fora da tolerância",
    signature: "assinatura errada",
    secret: "segredo errado",
    peer: "remetente não permitido",
    too_large: "conteúdo grande demais",
    slow: "conteúdo lento demais",
    incomplete: "conteúdo incompleto",
    busy: "requisições demais",
    store: "não foi guardado",
    other: "não foi aceito",
};

pub(super) const REGISTRATION: Registration = Registration {
    bankly: "na Bankly, pela API: Client::create_webhook, com a sua private_key",
    certiface_completion: "com o seu contato na Certiface; acrescente / e o seu completion_secret_path, se houver",
    certiface_status: "com o seu contato na Certiface, que informa os endereços para status_peers",
    clearsale: "com o seu gerente de conta na ClearSale, junto com o seu token",
};

pub(super) const INBOX: InboxWords = InboxWords {
    no_key: "o inbox precisa de uma chave: defina KYC_INBOX_KEY, ou key em [inbox] no kyc.toml, com o que `kyc inbox key` \
             mostra; ou escolha --plain-text, sem criptografia",
    no_file: |path| format!("{path}: não há inbox; `kyc listen` o cria"),
    unknown: |id| format!("{id}: o inbox não tem esse evento"),
    keep_key: "Defina KYC_INBOX_KEY com ela e guarde uma cópia: sem a chave, ninguém lê o inbox.",
    none: "nenhum evento",
    more: |limit| format!("Há eventos mais antigos: só {limit} são listados; veja --limit."),
    attempts: |attempts, reason| match attempts {
        1 => format!("1 tentativa: {reason}"),
        attempts => format!("{attempts} tentativas: {reason}"),
    },
    attempts_of: |attempts, generation| match generation {
        0 => attempts.to_string(),
        generation => format!("{attempts} (reenvio {generation})"),
    },
    no_reason: "sem motivo",
    bytes: |bytes, is_shown| {
        let hidden = if is_shown { "" } else { " (oculto; mostre com --body)" };
        format!("{bytes} bytes{hidden}")
    },
    purged: "apagado",
    replayed: "NA FILA",
    due_again: |events| match events {
        0 => "nenhum evento corresponde, nada muda".to_owned(),
        1 => "1 evento está de novo na fila".to_owned(),
        events => format!("{events} eventos estão de novo na fila"),
    },
    delivered: "ENTREGUE",
    not_delivered: "NÃO ENTREGUE",
    delivered_of: |delivered, all| format!("{delivered} de {all}; o inbox fica como está"),
    deleted: "APAGADO",
    deleted_content: |events| match events {
        0 => "nada".to_owned(),
        1 => "o conteúdo de 1 evento".to_owned(),
        events => format!("o conteúdo de {events} eventos"),
    },
    kept_for_cases: |events| match events {
        1 => "1 evento citado por um caso".to_owned(),
        events => format!("{events} eventos citados por casos"),
    },
    kept_open: |events| match events {
        1 => "1 evento ainda não tratado".to_owned(),
        events => format!("{events} eventos ainda não tratados"),
    },
    kept_for_case: |id, case| format!("{id}, pelo caso {case}"),
    oldest: |seconds| format!("na fila há {seconds} s"),
    state_new: "novo",
    state_retrying: "tentando",
    state_done: "tratado",
    state_dead: "morto",
    state_unexpected: "inesperado",
    row_event: "evento",
    row_source: "webhook",
    row_type: "tipo",
    row_trust: "confiança",
    row_received: "recebido",
    row_state: "estado",
    row_attempts: "tentativas",
    row_due: "na fila para",
    row_body: "conteúdo",
    row_query: "query",
    row_kept: "mantido",
    row_oldest: "mais antigo",
};

pub(super) const INBOX_ERRORS: InboxErrors = InboxErrors {
    full: "o inbox está cheio: não há espaço no disco dele",
    busy: "o inbox está ocupado: outro processo segura o arquivo; tente de novo",
    overloaded: "há eventos demais esperando para serem guardados; tente de novo",
    already_dispatched: "outro processo já encaminha os eventos deste inbox",
    read_only: |why| format!("o inbox não pode ser gravado ({why})"),
    wrong_key: |why| format!("a chave do inbox não serve ({why})"),
    newer: "o inbox foi gravado por uma versão mais nova deste programa: atualize-o",
    not_durable: |why| format!("o inbox não sobreviveria a uma queda de energia ({why})"),
    damaged: |why| format!("o arquivo do inbox está danificado ({why})"),
    failed: |why| format!("o inbox falhou ({why})"),
};

pub(super) const TRIGGER: TriggerWords = TriggerWords {
    usage: "kyc trigger VENDOR OUTCOME, com um destes:",
    triggering: "produzindo o desfecho",
    triggered: "PRODUZIDO",
    simulated: "nenhum fornecedor foi chamado: o sandbox produziu um desfecho",
    webhooks: |count| match count {
        1 => "1 foi enviado".to_owned(),
        count => format!("{count} foram enviados"),
    },
    no_webhook: "nenhum foi enviado: ninguém está cadastrado; `kyc listen --sandbox` se cadastra",
    row_webhooks: "webhooks",
    delivered: "entregue",
    pending: "será repetido",
    given_up: "desistiu",
    not_local: "--sandbox-url: deve ser desta máquina, a menos que você acrescente --allow-other-hosts; nada foi enviado",
    unreachable: |url, why| {
        format!(
            "nenhum sandbox responde em {url} ({why}): inicie um com `kyc listen --sandbox` ou `kyc sandbox`"
        )
    },
    refused: |why| format!("o sandbox recusou ({why})"),
    no_sandbox: |url| format!("{url} responde, mas não é um sandbox desta versão"),
};
