//! The texts in Brazilian Portuguese.

use super::{
    ClockWords, ConnectWords, DoneWords, FaultWords, Lang, PartWords, RequestWords, ResetWords,
    ScenarioWords, SectionWords, TransactionWords, WebhookWords, Words,
};

pub(super) static WORDS: Words = Words {
    lang: Lang::Pt,
    parts: &PartWords {
        skip: "Pular para o conteúdo",
        sections: "Seções",
        language: "Idioma",
        vendor: "Fornecedor",
        copy: "Copiar",
        copied: "Copiado",
        offline: "O sandbox não responde. Esta página mostra o último estado conhecido.",
        refused: "Não foi feito:",
        newest: |rows| format!("Só aparecem os {rows} registros mais recentes."),
        all_as_json: "Ver mais em JSON",
        unofficial: "Não oficial; nada aqui se refere a uma pessoa real.",
        control: "Rotas de controle",
        documentation: "Documentação",
    },
    done: DoneWords {
        registered: "A partir de agora os webhooks vão para lá. O receptor precisa das configurações abaixo.",
        resent: "O evento está sendo reenviado.",
        set: "Cenário definido.",
        removed: "Cenário removido.",
        cleared: "Todos os cenários foram removidos.",
        triggered: "Disparado. A operação é a mais recente da lista.",
        fault: "A falha está à espera da requisição.",
        faults_cleared: "Todas as falhas foram removidas.",
        advanced: "O relógio foi adiantado.",
        reset: "Tudo voltou ao estado inicial, menos o relógio.",
    },
    requests: RequestWords {
        section: SectionWords {
            title: "Requisições",
            lead: "O que os clientes enviaram às APIs dos fornecedores, do mais recente ao mais antigo. Do que o cliente \
                   enviou só aparecem o método e a rota. Horários em UTC.",
        },
        summary: |all, refused| {
            let requests = if all == 1 { "requisição" } else { "requisições" };
            let refusals = if refused == 1 { "recusada" } else { "recusadas" };
            format!("{all} {requests}, {refused} {refusals}")
        },
        heads: ["Hora", "Fornecedor", "Operação", "Status", "Duração", "Motivo"],
        every_vendor: "todos",
        only_refused: "Só as recusadas",
        filter: "Filtrar",
        counts: "Requisições e chamadas pagas por fornecedor",
        requests: |count| {
            if count == 1 { "1 requisição".to_owned() } else { format!("{count} requisições") }
        },
        paid_calls: |count| {
            if count == 1 { "1 chamada paga".to_owned() } else { format!("{count} chamadas pagas") }
        },
        ok: "ok",
        refused: "recusada",
        failed: "com erro",
        closed: "encerrada sem resposta",
        fault: "falha pedida",
        paid: "paga",
        see: "Ver a página do fornecedor",
        none_yet: "Nenhuma requisição até agora",
        none_here: "Nenhuma requisição para mostrar aqui.",
        try_one: "Cole isto em um terminal e a requisição aparece aqui:",
        to_connect: "Configure seu cliente: endereços, credenciais, dados de teste e mais chamadas",
        dropped: |count| format!("{count} requisições mais antigas já foram descartadas."),
    },
    transactions: TransactionWords {
        section: SectionWords {
            title: "Transações",
            lead: "O que os fornecedores decidem mais tarde e as jornadas das pessoas, do mais recente ao mais antigo. Os \
                   horários são os do relógio do sandbox, em UTC.",
        },
        summary: |all, waiting| format!("{all} no total, {waiting} sem decisão"),
        heads: ["Fornecedor", "Operação", "Referência", "Pessoa", "Situação", "Início", "Decisão"],
        none: "Nenhuma transação até agora.",
        by_request: "depende de outra requisição",
        due: "prevista para",
    },
    webhooks: WebhookWords {
        section: SectionWords {
            title: "Webhooks",
            lead: "Para onde vão os eventos e o que aconteceu com cada um.",
        },
        summary: |all, pending| {
            let events = if all == 1 { "evento" } else { "eventos" };
            let pendings = if pending == 1 { "pendente" } else { "pendentes" };
            format!("{all} {events}, {pending} {pendings}")
        },
        receivers: "Receptores",
        nowhere: "ainda sem destino",
        root: "Endereço raiz do seu receptor",
        root_hint: "Os eventos de cada fornecedor vão para um caminho abaixo dele, /webhooks/NOME, com segredos novos.",
        register: "Enviar todos os webhooks para lá",
        settings: "Configurações do receptor",
        deliveries: "Entregas",
        heads: ["Hora", "Fornecedor", "Evento", "Situação", "Tentativas", "Ação"],
        none: "Nenhum evento até agora. Registre um receptor e provoque um evento: com uma requisição de um cliente ou \
               disparando um cenário.",
        pending: "pendente",
        delivered: "entregue",
        given_up: "desistiu",
        duplicate: "duplicado",
        no_answer: "sem resposta",
        next: "próxima",
        resend: "Reenviar",
    },
    scenarios: ScenarioWords {
        section: SectionWords {
            title: "Cenários",
            lead: "Decida como uma operação termina para uma pessoa. O cenário de uma pessoa vale antes do cenário de \
                   todos, que vale antes do resultado de um CPF de teste.",
        },
        summary: |all| if all == 1 { "1 cenário".to_owned() } else { format!("{all} cenários") },
        set_title: |vendor| format!("Novo cenário: {vendor}"),
        cpf: "CPF",
        cpf_hint: "Vazio: vale para todos. CNPJ, se a operação for sobre uma empresa.",
        outcome: "Resultado",
        operation: "Operação",
        as_outcome: "a do resultado",
        any_operation: "qualquer operação",
        reason: "Motivo",
        reason_hint: "O que o fornecedor diz, nos resultados que têm motivo.",
        delay: "Demora em segundos",
        delay_hint: "No relógio do sandbox, se o fornecedor decide mais tarde; senão, em tempo real.",
        set: "Definir",
        listed: "Cenários definidos",
        heads: ["Fornecedor", "Pessoa", "Resultado", "Motivo", "Demora", "Ação"],
        none: "Nenhum cenário definido.",
        everyone: "todos",
        remove: "Remover",
        clear_all: "Remover todos",
        trigger_title: |vendor| format!("Disparar agora: {vendor}"),
        trigger_lead: "A operação acontece como se um cliente a tivesse pedido: é cobrada e envia seus webhooks.",
        trigger_cpf_hint: "Vazio: o CPF de teste desse resultado. Se informado, o cenário fica definido para a pessoa.",
        delayed: "Demorar como demoraria para um cliente",
        trigger: "Disparar",
        glossary: |vendor| format!("Resultados: {vendor}"),
        with_reason: "com motivo",
        http_status: "A resposta de erro do fornecedor com esse status, de 400 a 599; nada acontece. Exige uma operação.",
        response_lost: "A operação acontece, mas a conexão se encerra sem resposta. Exige uma operação.",
    },
    faults: FaultWords {
        section: SectionWords {
            title: "Falhas",
            lead: "O que uma rede, um proxy ou um fornecedor com problemas faz com uma resposta. Cada requisição leva a \
                   primeira falha da sua operação.",
        },
        summary: |all| {
            if all == 1 { "1 falha em espera".to_owned() } else { format!("{all} falhas em espera") }
        },
        add_title: |vendor| format!("Nova falha: {vendor}"),
        operation: "Operação",
        any: "qualquer",
        kind: "Tipo",
        kinds: [
            ("status", "Resposta de erro com um status"),
            ("latency", "Resposta atrasada"),
            ("html", "Página HTML de um gateway"),
            ("truncated_json", "JSON truncado"),
            ("cut_body", "Conexão cortada no meio do corpo"),
            ("close", "Conexão encerrada sem resposta"),
            ("empty", "Resposta vazia"),
            ("hang", "Nenhuma resposta até o cliente desistir"),
            ("duplicate_webhooks", "Cada webhook duas vezes"),
        ],
        status: "Status HTTP",
        status_hint: "Para resposta de erro (obrigatório), página HTML (senão 502) e resposta vazia (senão 404).",
        retry_after: "Retry-After em segundos",
        retry_after_hint: "Só para resposta de erro.",
        seconds: "Segundos",
        seconds_hint: "Só para resposta atrasada, em tempo real.",
        times: "Número de requisições",
        times_hint: "1, se vazio.",
        after_effect: "A requisição tem efeito antes de falhar",
        add: "Adicionar",
        queue: "Falhas em espera",
        heads: ["Fornecedor", "Operação", "Tipo", "Restantes", "Depois do efeito"],
        none: "Nenhuma falha em espera.",
        twice: |vendor| format!("{vendor} envia cada webhook duas vezes."),
        clear: "Remover todas",
        yes: "sim",
        no: "não",
    },
    clock: ClockWords {
        section: SectionWords {
            title: "Relógio",
            lead: "É por este relógio que tokens expiram, operações são decididas e webhooks são reenviados.",
        },
        frozen: "Está parado: só anda quando é adiantado.",
        running: "Está andando e pode ser adiantado. Nunca volta atrás.",
        advance: "Adiantar",
        steps: ["1 minuto", "10 minutos", "1 hora", "1 dia"],
        amount: "Quanto",
        amount_hint: "",
        unit: "Unidade",
        units: ["segundos", "minutos", "horas", "dias"],
    },
    connect: ConnectWords {
        section: SectionWords {
            title: "Conectar",
            lead: "O que um cliente precisa para usar o sandbox no lugar de um fornecedor. As credenciais são públicas.",
        },
        base_url: "Endereço",
        openapi: "Documento OpenAPI",
        page: "Sobre esta API",
        configuration: "Configuração",
        variables: "Variáveis de ambiente",
        calls: "Chamadas para experimentar",
        calls_hint: "Cole no mesmo terminal, nesta ordem.",
        inputs: "Dados de teste",
        inputs_of: |count| format!("{count} entradas que escolhem um resultado"),
        notes: "Observações",
    },
    reset: ResetWords {
        section: SectionWords {
            title: "Recomeçar",
            lead: "Esquece transações, jornadas, tokens, contagens, falhas, cenários, webhooks e seus receptores e o \
                   registro das requisições. O relógio fica como está.",
        },
        ask: "Recomeçar …",
        confirm: "Apagar tudo e recomeçar",
        cancel: "Cancelar",
    },
};
