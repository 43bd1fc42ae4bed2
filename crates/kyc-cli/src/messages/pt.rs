//! The texts in Brazilian Portuguese.

mod batch;
mod preflight;
mod verify;
mod webhooks;

use kyc_core::{Delivery, Error, ErrorKind};

use super::{
    Background, BackgroundHelp, Bankly, BanklyHelp, CellereHelp, Certiface, CertifaceHelp, ConfigHelp,
    ConfigWords, Doctor, DocumentHelp, DocumentWords, Errors, Facematch, FacematchHelp, Fields, Help, Init,
    Lang, Messages, Meter, MeterHelp, Next, Outcomes, PlaceWords, RowWords, SandboxHelp, SandboxWords, Setup,
    Usage,
};
use crate::output::grouped;

pub(super) static MESSAGES: Messages = Messages {
    lang: Lang::Pt,
    outcomes: Outcomes {
        yes: "sim: confere, aprovado, aceito, válido, regular, lido; ou concluído",
        no: "não: não confere, reprovado, irregular, nada lido",
        wrong_usage: "uso incorreto da linha de comando",
        bad_input: "entrada inválida ou etapa fora de ordem; nada foi enviado",
        configuration: "configuração ausente ou inutilizável, como credenciais que faltam",
        credentials_refused: "credenciais recusadas ou sem a permissão necessária",
        refused: "o fornecedor recusou a requisição ou não oferece o recurso",
        unavailable: "fornecedor ou rede indisponível, ou tempo esgotado",
        undecodable: "resposta que não pode ser decodificada",
        unclear: "inconclusivo: o que decide falta, está ilegível ou se contradiz na resposta, ou uma pessoa precisa decidir",
        retake: "refazer: a pessoa precisa repetir a imagem ou a prova de vida",
        not_yet: "ainda não: o fornecedor continua processando; rode o mesmo comando mais tarde",
        may_have_been_paid: "falha durante ou depois de um envio que pode ter sido cobrado; não envie de novo",
        other: "qualquer outro erro",
        interrupted: "interrompido com Ctrl-C",
        terminated: "encerrado por um sinal",
    },
    usage: Usage {
        usage: "Uso",
        commands: "Comandos",
        steps: "Etapas",
        arguments: "Argumentos",
        options: "Opções",
        some_options: "[OPÇÕES]",
        a_command: "<COMANDO>",
        a_step: "ETAPA",
        default: |value| format!("[padrão: {value}]"),
        values: |values| format!("[valores: {values}]"),
        help: "Mostra esta ajuda",
        version: "Mostra a versão",
        help_command: "Mostra esta ajuda ou a de um comando",
        unknown_argument: |argument| format!("argumento desconhecido: '{argument}'"),
        similar: |name| format!("você quis dizer '{name}'?"),
        unknown_command: |name| format!("comando desconhecido: '{name}'"),
        invalid_value: |value, argument| format!("valor inválido '{value}' para '{argument}'"),
        missing_value: |argument| format!("falta o valor de '{argument}'"),
        invalid: |text, why| format!("{text} ({why})"),
        conflict: |argument, other| format!("'{argument}' não pode ser usado com '{other}'"),
        missing: |arguments| format!("falta informar: {arguments}"),
        missing_command: |commands| format!("falta o comando: {commands}"),
        rate: "deve ser 1/N, como 1/10000",
        not_utf8: "um dos argumentos não está em UTF-8",
        other: |what| format!("argumentos inválidos: {what}"),
        more: "Para saber mais, use '--help'.",
    },
    help: Help {
        cellere: "O que só o portal da Cellere tem: medidores, imagens endireitadas, respostas inteiras",
        vendor: "O fornecedor; sem a opção, entre os configurados, o que atende a mais opções",
        about: "Verifica pessoas no Brasil pelos fornecedores com que você tem contrato. Projeto não oficial.",
        long_about: "Verifica pessoas no Brasil pelos fornecedores com que você tem contrato. Projeto não oficial.\n\n\
                     Suas imagens e números só são enviados a um fornecedor cujas credenciais estejam configuradas. Sem \
                     credenciais, as amostras rodam em um sandbox embutido; com --sandbox, tudo roda nele, e a primeira linha \
                     do resultado diz SIMULADO.",
        environment: "Variáveis de ambiente:\n  \
                      {VENDORS}\n          \
                      configuração com credenciais, como no kyc.toml\n  \
                      {SECTIONS}\n          \
                      configuração de `kyc verify`, `kyc listen` e `kyc inbox`\n  \
                      KYC_SANDBOX\n          \
                      1: usa o sandbox embutido, como --sandbox\n  \
                      KYC_TOKEN_CACHE\n          \
                      pasta dos tokens de acesso reaproveitados, ou off\n  \
                      LC_ALL, LC_MESSAGES, LANG\n          \
                      o idioma, se --lang não disser",
        exit_codes: "Códigos de saída:",
        background: "Consulta a situação cadastral de um CPF ou CNPJ na Receita Federal",
        bankly: "Envia a selfie e o documento de uma pessoa à Bankly e mostra os resultados",
        bankly_long: "Envia a selfie e o documento de uma pessoa à Bankly e mostra os resultados.\n\n\
                      Sem uma etapa, roda um cadastro inteiro no sandbox embutido com uma foto de amostra; nada sai desta \
                      máquina. As etapas chamam o fornecedor; o arquivo que guarda o cadastro entre elas contém dados \
                      pessoais.",
        certiface: "Conduz a jornada de uma pessoa na Certiface: prova de vida, documentos, resultado",
        certiface_long: "Conduz a jornada de uma pessoa na Certiface: prova de vida, documentos, resultado.\n\n\
                         Sem uma etapa, roda uma jornada inteira no sandbox embutido com quadros fabricados; nada sai desta \
                         máquina. As etapas chamam o fornecedor; o arquivo que guarda a jornada entre elas contém dados \
                         pessoais.",
        document: "Lê os campos de um documento a partir de uma imagem",
        facematch: "Compara duas imagens: mostram a mesma pessoa?",
        sandbox: "Roda um sandbox local das APIs dos fornecedores, para qualquer cliente, até Ctrl-C",
        completions: "Mostra o script de autocompletar de um shell",
        shell: "O shell",
        man: "Grava as páginas de manual, uma para cada comando",
        man_dir: "A pasta das páginas",
        lang: "O idioma dos textos, en ou pt; sem a opção, o do ambiente, ou inglês",
        color: "Quando usar cores na saída",
        json: "Mostra um objeto JSON",
        profile: "Lê [profile.NOME.…] do arquivo de configuração em vez do nível principal",
        config: "Lê este arquivo de configuração em vez de ./kyc.toml",
        use_sandbox: "Usa o sandbox embutido em vez de um fornecedor: todo resultado é simulado (ou defina KYC_SANDBOX=1)",
        simulated_cpf: "Um CPF de teste, que determina o resultado; `kyc sandbox` lista todos",
        own_simulated_cpf: "Roda no sandbox embutido com um CPF que não é de teste (ou defina KYC_SANDBOX=1)",
        person: "Lê a pessoa deste arquivo, ou - da entrada padrão, como {\"cpf\": \"…\", \"name\": \"…\", \
                 \"birth_date\": \"…\"}: outros usuários desta máquina veem os argumentos",
        listen: "Recebe os webhooks dos fornecedores, guarda e encaminha, até Ctrl-C",
        listen_long: "Recebe os webhooks dos fornecedores, guarda e encaminha, até Ctrl-C.\n\n\
                      O fornecedor só recebe a resposta depois que o evento está em disco. Com --forward-to, cada evento é \
                      enviado por POST ao seu programa até que ele responda 2xx; 410 encerra o evento como morto. Sem a \
                      opção, os eventos esperam no inbox por outro programa. Com --sandbox, quem envia os eventos é o \
                      sandbox embutido: use `kyc trigger` para criá-los.",
        inbox: "Mostra o que está guardado dos webhooks dos fornecedores, e entrega de novo",
        trigger: "Pede a um sandbox que produza um desfecho, com os webhooks dele",
        trigger_long: "Pede a um sandbox que produza um desfecho, com os webhooks dele.\n\n\
                       O sandbox precisa estar rodando: `kyc listen --sandbox` ou `kyc sandbox`. Sem argumentos, lista os \
                       fornecedores e seus desfechos.",
    },
    background_help: BackgroundHelp {
        cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão; no sandbox, um CPF de teste determina a resposta",
        cnpj: "O CNPJ da empresa, numérico ou alfanumérico, ou - para lê-lo da entrada padrão; no sandbox, um CNPJ de teste \
               determina a resposta",
    },
    bankly_help: BanklyHelp {
        upload: "Envia a próxima imagem: a selfie, depois a frente e o verso de um documento, cada uma depois que a anterior \
                 for válida",
        status: "Consulta as análises das imagens",
        onboarding: "O arquivo que guarda o cadastro entre as etapas; contém o CPF e os tokens das imagens",
        cpf: "O CPF da pessoa, que inicia um cadastro, ou - para lê-lo da entrada padrão; no sandbox, um CPF de teste \
              determina o resultado",
        kind: "O tipo do documento na imagem",
        force: "Inicia um novo cadastro mesmo que o arquivo já contenha um",
        not_received: "Confirma que uma imagem cuja resposta se perdeu não chegou à Bankly: a dúvida acaba, e a imagem é \
                       enviada de novo",
        selfie: "Uma selfie, ou - para a entrada padrão: JPEG ou PNG, de 640 por 480 pixels ou mais em qualquer orientação, \
                 até 1 MB",
        front: "A frente do documento",
        back: "O verso do documento",
        wait: "Espera até este número de segundos pelo fim de uma análise; sem a opção, consulta uma vez",
        interval: "Consulta a cada tantos segundos durante a espera; o padrão é 300, como a Bankly recomenda",
        show_personal_data: "Mostra os valores lidos do documento; com --json, a análise inteira",
        show_tokens: "Mostra os tokens das imagens, com os quais a conta é aberta",
    },
    certiface_help: CertifaceHelp {
        appkey: "1. Pede a chave da jornada de uma pessoa",
        challenge: "2. Pede as expressões que a pessoa deve fazer",
        captcha: "3. Envia os quadros dessas expressões para o veredito da prova de vida",
        session: "2, em 3D: inicia uma sessão e mostra o provedor, FaceTec ou iProov",
        liveness: "3, em 3D: consulta o veredito do iProov",
        document: "4. Envia imagens de um documento",
        result: "5. Consulta o resultado da jornada",
        journey: "O arquivo que guarda a jornada entre as etapas; contém a appkey, que contém os dados da pessoa",
        cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão; no sandbox, um CPF de teste determina o resultado",
        name: "Nome e sobrenome da pessoa",
        birth_date: "A data de nascimento da pessoa, como 2001-11-15 ou 15/11/2001",
        reference: "Sua referência para a jornada, com até 255 caracteres",
        force: "Substitui a jornada que está no arquivo",
        show_appkey: "Mostra a chave, para o kit do fornecedor; quem a tem lê o CPF e continua a jornada",
        out: "A pasta para as imagens das instruções; as de um desafio anterior são substituídas",
        frames: "Os quadros, JPEGs de uma câmera: em pastas 1, 2, …, uma para cada expressão, ou todos em uma pasta, \
                 divididos igualmente pelo nome",
        user_agent: "As informações do aparelho fornecidas pelo kit do provedor",
        show_token: "Mostra o token da sessão, para o kit do provedor",
        files: "Um lado do documento ou os dois: JPEG, PNG, ou o PDF de uma CNH digital",
        qr_code: "O QR code de uma CNH digital, em vez do documento",
        wait: "Espera até este número de segundos pelo fim da jornada; sem a opção, consulta uma vez",
        interval: "Consulta a cada tantos segundos durante a espera; o padrão é 30",
        appkey_stdin: "Lê a appkey da entrada padrão em vez do arquivo da jornada",
        show_personal_data: "Mostra os valores lidos dos documentos; com --json, o resultado inteiro, com as fotos",
        photos: "Grava as fotos nesta pasta, que deve ser nova ou estar vazia",
    },
    document_help: DocumentHelp {
        image: "A imagem do documento, ou - para a entrada padrão; sem ela, uma amostra vai para o sandbox",
        kind: "O tipo do documento; cnh para a amostra",
        other_type: "Um tipo que não está na lista: o segmento dele no path do portal",
        deskewed: "Pede a imagem endireitada e a grava neste arquivo",
    },
    facematch_help: FacematchHelp {
        cpf: "O CPF da pessoa, ou - para lê-lo da entrada padrão; no sandbox, um CPF de teste determina o resultado",
        rate: "A maior taxa de falsos aceites que conta como a mesma pessoa, como 1/10000",
        reference: "Sua referência para a comparação; sem a opção, é aleatória",
        resume: "Consulta o resultado de uma comparação anterior pelo token que ela mostrou",
        first: "A primeira imagem, JPEG ou PNG, ou - para a entrada padrão; sem imagens, duas amostras de uma pessoa são \
                comparadas no sandbox",
        second: "A segunda imagem, ou - para a entrada padrão",
        timeout: "O tempo de espera pelo resultado, em segundos",
    },
    cellere_help: CellereHelp {
        background: "Consulta um CPF ou CNPJ, com a resposta inteira do portal",
        document: "Lê um documento de qualquer tipo do portal, com a imagem endireitada",
        meter: "Lê um medidor de energia, água ou gás a partir de uma imagem",
        kind: "O tipo do documento, como o portal o chama; cnh para a amostra",
    },
    meter_help: MeterHelp {
        image: "A imagem do medidor: JPEG, PNG, GIF ou HEIC, ou - para a entrada padrão; sem ela, uma amostra vai para o \
                sandbox",
        link: "A URL de uma imagem, que o portal baixa; quem conhece a URL vê a imagem",
        service: "O que o medidor mede; energy para a amostra",
        reading: "A leitura do próprio cliente, que o portal compara com a imagem",
        base64: "Envia a imagem em base64 em vez de como arquivo",
    },
    sandbox_help: SandboxHelp {
        certificates: "Atende a Bankly também por TLS mútuo, e grava os certificados nesta pasta",
        port: "A porta; 0 escolhe uma livre",
        bind: "O endereço em que escuta",
        allow_non_loopback: "Escuta em outros endereços além dos desta máquina, e envia webhooks a eles; quem o alcançar pode \
                             usá-lo",
        seed: "Gera os mesmos ids e tokens em cada execução, se as requisições forem as mesmas",
        env: "Mostra as variáveis de ambiente de um cliente para esta porta, e termina; nenhum sandbox inicia",
        quiet: "Não mostra uma linha por requisição",
        json: "Mostra em JSON a linha de início, e cada requisição em JSON na saída de erro",
    },
    listen_help: webhooks::LISTEN_HELP,
    inbox_help: webhooks::INBOX_HELP,
    trigger_help: webhooks::TRIGGER_HELP,
    batch_help: batch::HELP,
    batch: batch::WORDS,
    preflight_help: preflight::HELP,
    preflight: preflight::WORDS,
    verify_help: verify::HELP,
    verify: verify::WORDS,
    verify_errors: verify::ERRORS,
    config_help: ConfigHelp {
        about: "Mostra a configuração",
        show: "Mostra de onde vem cada chave, sem valores",
        init: "Grava um arquivo de configuração comentado que só você pode ler",
        doctor: "Confere configuração, endereços, TLS, relógio, certificado e login; não faz chamada cobrada",
        file: "O arquivo a gravar",
        vendor: "Grava só a tabela deste fornecedor, pronta para preencher",
        force: "Substitui o arquivo",
        checked: "Confere só este fornecedor; sem a opção, todos os configurados",
    },
    init: Init {
        head: "A configuração do kyc.\n\
               \n\
               Preencha a tabela de um fornecedor: tire o # da frente da tabela e das chaves de que precisa.\n\
               Mantenha este arquivo fora do controle de versão e legível só por você.\n\
               Um fornecedor cujas variáveis KYC_<FORNECEDOR>_* estão definidas não é lido daqui.\n\
               Depois confira com: kyc doctor",
        required: "Obrigatória. ",
        done: "GRAVADO",
        written: |file| format!("{file}, que só você pode ler"),
        next: "preencha uma tabela, depois `kyc doctor`",
        exists: "já existe: substitua-o com --force, ou indique outro arquivo",
    },
    config: ConfigWords { not_configured: "não configurado", missing: "falta, e é obrigatória" },
    doctor: Doctor {
        ok: "ok",
        warning: "atenção",
        failed: "falhou",
        configuration: "configuração",
        address: "endereço",
        clock: "relógio",
        certificate: "certificado",
        login: "login",
        not_checked: "não conferido: este fornecedor não tem chamada gratuita que exija as credenciais",
        checking: |vendor| format!("conferindo {vendor}"),
        none: |vendor| {
            format!(
                "falta a configuração de {vendor}: grave um kyc.toml com `kyc init`, ou defina as variáveis"
            )
        },
        any_vendor: "um fornecedor",
        encrypted: "HTTPS, com um certificado em que esta máquina confia",
        not_encrypted: "sem criptografia: http",
        check_network: "confira a rede, o proxy e a base_url",
        accepted: "as credenciais foram aceitas",
        skew: |seconds, is_ahead| match (seconds, is_ahead) {
            (0, _) => "igual ao do servidor".to_owned(),
            (_, true) => format!("{seconds} s adiantado em relação ao servidor"),
            (_, false) => format!("{seconds} s atrasado em relação ao servidor"),
        },
        set_clock: "sincronize o relógio desta máquina",
        certificate_end: |end| format!("válido até {end}"),
        renew: "peça um novo",
    },
    errors: Errors {
        person_format: "deve ser um objeto JSON com cpf, name e birth_date, todos eles textos",
        error: |what| format!("erro: {what}"),
        not_sent: |what| format!("{what}; nada foi enviado"),
        cause: |cause| format!("causa: {cause}"),
        vendor_message: |message| format!("mensagem do fornecedor: {message}"),
        vendor_field: |field, message| format!("mensagem do fornecedor: {field}: {message}"),
        detail: |detail| format!("detalhe: {detail}"),
        rule: |rule| format!("valor inválido ({rule})"),
        not_found: "arquivo não encontrado",
        permission_denied: "permissão negada",
        already_exists: "já existe",
        no_space: "sem espaço em disco",
        subject: |subject, what| format!("{subject}: {what}"),
        cannot_read: |why| format!("não pode ser lido: {why}"),
        does_not_exist: "não existe",
        is_directory: "é uma pasta, não um arquivo",
        is_not_folder: "não é uma pasta",
        writable_by_others: "pode ser alterada por outros usuários",
        is_not_file: "não é um arquivo comum",
        is_too_large: "não pode passar de 1 MiB",
        folder_missing: |argument, path| format!("{argument} ({path}): fica em uma pasta que não existe"),
        cannot_write: |path, why| format!("{path} não pode ser gravado: {why}"),
        too_many_kib: |kib| format!("não pode passar de {kib} KiB"),
        not_utf8: "não está em UTF-8",
        stdin: "entrada padrão",
        stdin_once: "a entrada padrão só pode ser usada uma vez",
        stdin_unreadable: |why| format!("a entrada padrão não pode ser lida: {why}"),
        unwritten: |why| format!("o resultado não pôde ser escrito na saída padrão: {why}"),
        signals: |why| format!("sinais como Ctrl-C não podem ser recebidos: {why}"),
        image: |name| format!("imagem ({name})"),
        first_image: |name| format!("primeira imagem ({name})"),
        second_image: |name| format!("segunda imagem ({name})"),
        document: |name| format!("documento ({name})"),
        frame: |name| format!("quadro ({name})"),
        frames: |folder| format!("os quadros ({folder})"),
        missing: |arguments| format!("{arguments}: falta informar"),
        misspelt: |found, known| format!("{found} não é uma variável conhecida; você quis dizer {known}?"),
        token_cache: |variable, why| {
            format!("{variable} não pode ser usada, então cada execução faz login: {why}")
        },
        interrupted: "interrompido",
        interrupted_call: "interrompido durante a chamada: o fornecedor pode tê-la processado",
        sandbox_start: |why| format!("o sandbox embutido não pode iniciar: {why}"),
    },
    setup: Setup {
        authority_alone: |vendor| format!("{vendor}: authority está definida, mas certificate e key não"),
        certificate_file: |vendor, name, path, what| format!("{vendor}: {name} {path} {what}"),
        no_vendor: "nenhum fornecedor deste build faz isso",
        set_certificate: |vendor, variables, keys| {
            format!(
                "{vendor} exige o certificado que emitiu para este cliente, e a chave dele: defina {variables}, ou {keys} no \
                 kyc.toml"
            )
        },
        path: |key, table| {
            format!("defina no kyc.toml o path que o fornecedor informou a você: {key} em [{table}]")
        },
        no_credentials: |vendor, variables| {
            format!(
                "sem credenciais da {vendor}: defina {variables}, ou escreva-as no kyc.toml; acrescente --sandbox para um \
                 resultado simulado"
            )
        },
        no_credentials_for_steps: |vendor, variables, whole| {
            format!(
                "sem credenciais da {vendor}: defina {variables}, ou escreva-as no kyc.toml; para testar as etapas sem \
                 credenciais, rode `kyc sandbox` em outro terminal e defina as variáveis que ele mostra; `{whole}` simula \
                 todas as etapas de uma vez"
            )
        },
        no_credentials_to_resume: |variables| {
            format!(
                "--resume precisa das credenciais da execução anterior: defina {variables}, ou escreva-as no kyc.toml"
            )
        },
        sandbox_for_steps: "o sandbox foi pedido, mas há um fornecedor configurado, e o sandbox embutido não roda etapas \
                            avulsas: rode `kyc sandbox` em outro terminal e defina as variáveis que ele mostra",
        not_a_test_cpf: |steps| {
            format!(
                "--cpf: não é um dos CPFs de teste do sandbox, e este comando não chama fornecedor nenhum: acrescente \
                 --sandbox para um resultado simulado, ou chame o fornecedor pelas etapas, a partir de `{steps}`"
            )
        },
    },
    next: Next {
        paid: "a chamada pode ter sido cobrada, e o fornecedor não permite consultá-la: confira o relatório de uso dele antes \
               de enviar de novo",
        credits: "a chamada pode ter consumido créditos, e o portal não permite consultá-la: confira os créditos restantes no \
                  portal antes de enviar de novo",
        over: "(aqui não é possível: o sandbox embutido terminou com este comando; `kyc sandbox` roda um que dura mais que um \
               comando)",
        webhook: |reference| {
            format!(
                "a comparação pode ter sido cobrada; só o webhook do fornecedor informa o resultado, com a referência \
                 {reference}"
            )
        },
        transaction: |id| format!("transação {id}"),
        resume: "não envie de novo; consulte o resultado com:",
        journey: "para conferir a jornada: `kyc certiface result`",
        images: "para conferir as imagens: `kyc bankly status`",
    },
    place: PlaceWords {
        simulated: "nenhum fornecedor foi chamado: um CPF de teste determina o resultado ou, sem ele, o que o sandbox vê nas imagens",
        simulated_sandbox: "SIMULADO: roda no sandbox embutido; nada sai desta máquina",
        simulated_samples: |vendor| {
            format!("SIMULADO: sem credenciais da {vendor}, roda no sandbox embutido; nada sai desta máquina")
        },
        sandbox: "sandbox",
        sandbox_at: |url| format!("sandbox em {url}"),
        at: |url| format!("em {url}"),
        production: "produção",
        homologation: "homologação",
        samples_are_free: |missing| {
            format!(
                "{missing}: são obrigatórias com credenciais reais; amostras só vão para o sandbox, porque uma comparação \
                 real é cobrada"
            )
        },
        sample: |name| format!("amostra {name}"),
        sample_photograph: |name| format!("amostra {name} (uma fotografia, não um documento)"),
    },
    rows: RowWords {
        simulated: "SIMULADO",
        vendor: "fornecedor",
        images: "imagens",
        image: "imagem",
        time: "tempo",
        transaction: "transação",
        reference: "referência",
        reason: "motivo",
        status: "situação",
        deceased: "óbito",
        origin: "origem",
        name: "nome",
        document: "documento",
        tags: "etiquetas",
        deskewed: "endireitada",
        query: "consulta",
        meter: "medidor",
        number: "número",
        model: "modelo",
        power_code: "código",
        pointers: "ponteiros",
        next: "a seguir",
        stored_in: "guardado em",
        liveness: "prova de vida",
        genuine: "autêntico",
        face_match: "biometria",
        risk: "risco",
        photos: "fotos",
        additional: "adicional",
        advice: "orientação",
        vendor_says: "a Bankly",
        token: "token",
        similarity: "similaridade",
        lost: "resposta",
        face: |number| format!("expressão {number}"),
        protocol: "protocolo",
        url: "url",
        key: "appkey",
        challenge: "desafio",
        captcha: "captcha",
        yes: "sim",
        no: "não",
        unclear: "inconclusivo",
        seconds: |seconds| comma(&format!("{seconds:.1} s")),
        percent: |percent| comma(&format!("{percent} %")),
        confidence: |text, share| format!("{text} (confiança de {share})"),
        kept: |file| format!("{file} (contém dados pessoais: apague depois)"),
        no_kind: "tipo não informado",
        hidden_fields: |kind, fields| format!("{kind}; campos lidos (valores ocultos): {fields}"),
        and: " e ",
    },
    fields: Fields {
        name: "nome",
        cpf: "cpf",
        birth_date: "nascimento",
        birthplace: "naturalidade",
        father: "pai",
        mother: "mãe",
        number: "número",
        issue_date: "emissão",
        expiry: "validade",
        issuer: "emissor",
        issued_in: "emitido em",
        state: "UF",
        licence: "registro",
        classes: "categorias",
        licensed: "habilitação",
        signed: "assinado",
        black_and_white: "preto e branco",
        never: "indeterminada",
        unknown_kind: "de um tipo desconhecido",
    },
    background: Background {
        simulated: "nenhum fornecedor foi chamado: o número de teste determina o resultado",
        looking_up_cpf: "consultando o CPF",
        looking_up_cnpj: "consultando o CNPJ",
        deceased: "FALECIDO",
        unclear: "INCONCLUSIVO",
        no_status: "SEM SITUAÇÃO",
        regular: "REGULAR",
        pending: "PENDENTE",
        suspended: "SUSPENSO",
        cancelled: "CANCELADO",
        void: "NULO",
        active: "ATIVA",
        closed: "BAIXADA",
        unfit: "INAPTA",
        holder_deceased: "o titular do CPF faleceu",
        death_recorded: "há registro de óbito, qualquer que seja a situação",
        in_order: "o CPF está em situação regular",
        death_not_stated: "a situação é regular, mas a resposta não diz se há registro de óbito",
        tax_missing: "falta uma declaração de imposto de renda",
        data_incorrect: "os dados cadastrais estão incompletos ou incorretos",
        cpf_cancelled: "o CPF foi cancelado",
        registration_void: "a inscrição é nula",
        unknown_status: "este programa não conhece a situação informada",
        cpf_not_stated: "a resposta não informa a situação do CPF",
        in_operation: "a empresa está em atividade",
        company_closed: "a empresa foi encerrada",
        company_unfit: "a empresa foi declarada inapta",
        registration_suspended: "a inscrição está suspensa",
        cnpj_not_stated: "a resposta não informa a situação do CNPJ",
    },
    document: DocumentWords {
        waiting: "aguardando a leitura",
        simulated: "nenhum fornecedor foi chamado: o tipo do documento determina o resultado, a imagem não é analisada",
        sending: "enviando o documento",
        read: "LIDO",
        nothing_read: "NADA LIDO",
        fields: |count, asked_for| {
            let fields = if count == 1 { "campo" } else { "campos" };
            format!("{count} {fields}; tipo pedido: {asked_for}")
        },
        quality: |quality| format!("qualidade {quality}"),
        page: |index| format!("índice da página {index}"),
        no_file: "nenhum arquivo: o portal não devolveu imagem",
        personal_files: |files| format!("{files} (contém dados pessoais)"),
    },
    meter: Meter {
        simulated: "nenhum fornecedor foi chamado: imagens de amostra conhecidas determinam o resultado",
        sending: "enviando a imagem do medidor",
        link: "um link",
        nothing_read: "NADA LIDO",
        unclear: "INCONCLUSIVO",
        read: "LIDO",
        agrees: "CONFERE",
        disagrees: "NÃO CONFERE",
        inconsistent: "incoerentes",
        consistent: "coerentes",
        no_reading: "a resposta não traz leitura",
        equal: |reading| format!("{reading}, igual à leitura do cliente"),
        different: |reading| format!("{reading}, diferente da leitura do cliente"),
        not_stated: |reading| format!("{reading}; a resposta não diz se a leitura do cliente confere"),
        energy: "energia",
        water: "água",
        gas: "gás",
        cyclometric: "ciclométrico",
        digital: "digital",
        analog: "analógico",
    },
    facematch: Facematch {
        unsupported: |option, vendor| format!("{option}: {vendor} não oferece isso; tire a opção"),
        required: |rate| format!("exigido: {rate}"),
        level: |level| format!("nível {level}"),
        simulated_by_image: "nenhum fornecedor foi chamado: imagens de amostra conhecidas determinam o resultado ou, sem elas, o \
                             que o sandbox vê nas imagens",
        submitting: |whom| format!("enviando duas imagens: {whom}"),
        waiting: |whom, most| format!("aguardando {whom}, por até {most} s"),
        interrupted_sending: "interrompido durante o envio das imagens: não as envie de novo",
        interrupted_waiting: "interrompido durante a espera: o fornecedor continua processando a comparação",
        matched: "CONFERE",
        no_match: "NÃO CONFERE",
        unclear: "INCONCLUSIVO",
        similarity: |share| format!("similaridade de {share}"),
        saw: |what| format!("sandbox: {}", seen(what)),
        computed: |similarity| {
            format!("{} como cosseno, calculada pelo sandbox a partir das fotos", comma(similarity))
        },
        no_score: "o fornecedor não devolveu nível nem similaridade",
        rate: |comparisons| format!("1 falso aceite em {}", grouped(comparisons).replace(' ', ".")),
        higher_required: "é exigido um nível maior",
    },
    certiface: Certiface {
        key: "CHAVE",
        challenge: "DESAFIO",
        whole: "SIMULADO: uma jornada no sandbox embutido com quadros fabricados; nada sai desta máquina",
        spent: "a chave já foi usada em uma prova de vida; inicie uma nova jornada com `kyc certiface appkey --force`",
        no_challenge: "não há desafio aberto, ou ele tem mais de 60 s: peça outro com `kyc certiface challenge`",
        no_session: "não há sessão do iProov aberta: inicie uma com `kyc certiface session`",
        requesting_key: "pedindo uma chave",
        next_key: "`kyc certiface challenge`, ou a prova de vida pelo kit do fornecedor com a chave que --show-appkey mostra",
        created: "criada; a validade é uma configuração do fornecedor, em geral cinco minutos",
        created_until: |end| format!("criada, válida até {end}"),
        requesting_challenge: "pedindo um desafio",
        some_frames: "quadros",
        frames: |count| format!("{count} quadros"),
        pace: |pace| format!(", um a cada {pace} ms"),
        make_faces: |count, end| format!("faça {count} expressões em sequência; envie os quadros até {end}"),
        instruction: |frames, images| format!("{frames}; instrução: {images}"),
        submit_frames: |folders| {
            format!("`kyc certiface captcha DIR`, com os quadros JPEG de cada expressão em {folders}")
        },
        submitting_frames: "enviando os quadros",
        no_frames: "não contém quadros",
        files_and_folders: "contém arquivos e pastas, mas só pode conter um dos dois",
        not_numbered: "as pastas dentro dela devem se chamar 1, 2, …, uma para cada expressão",
        too_large: |mib| format!("contém mais de {mib} MiB de arquivos"),
        uneven: |count, faces| {
            format!("contém {count} quadros, que não podem ser divididos igualmente entre {faces} expressões")
        },
        too_many: |most| format!("contém mais de {most} arquivos"),
        is_not_journey: "não é um arquivo de jornada do `kyc certiface appkey`",
        no_journey: "não contém jornada: inicie uma com `kyc certiface appkey`",
        has_journey: "já contém uma jornada: substitua-a com --force, ou escolha outro arquivo com --journey",
        requesting_session: "pedindo uma sessão",
        session_iproov: "`kyc certiface liveness`, depois da captura pelo kit do provedor com o token que --show-token mostra",
        session_facetec: "a captura pelo kit do provedor com o token que --show-token mostra; só um programa com o kit pode \
                          enviar o resultado dela",
        session_none: "nada: o fornecedor não devolveu token",
        session: "SESSÃO",
        provider: |name| format!("provedor: {name}"),
        unknown: "desconhecido",
        querying_verdict: "consultando o veredito",
        approved: "APROVADO",
        not_approved: "NÃO APROVADO",
        blocked: "BLOQUEADO",
        no_verdict: "SEM VEREDITO",
        next_document: "`kyc certiface document FILE [FILE]`",
        next_attempt: "`kyc certiface session`, para outra tentativa com a mesma chave",
        next_key_attempt: "`kyc certiface appkey --force`, para outra tentativa com uma chave nova",
        next_none: "nada: o fornecedor não aceita outra tentativa",
        code: |code| format!("código {code}"),
        no_code: "o fornecedor não devolveu código",
        submitting_document: "enviando o documento",
        accepted: "ACEITO",
        being_read: "o fornecedor está lendo o documento",
        unclear_document: "a resposta não diz se o documento foi aceito: não o envie de novo por enquanto",
        retake: "REFAZER",
        take_again: "nenhum documento foi encontrado: tire novas fotos e envie com a mesma chave",
        querying: "consultando o resultado",
        waiting: "aguardando o fim da jornada",
        no_result: "SEM RESULTADO",
        no_result_why: "a Certiface não conhece a chave, ou nenhuma prova de vida foi feita com ela",
        see_more: "--show-personal-data mostra os valores, --photos DIR grava as fotos",
        photos_written: |folder| format!("fotos gravadas em {folder} (apague depois)"),
        not_empty: "deve ser nova ou estar vazia, para não misturar fotos de duas pessoas",
        unusable: |why| format!("não pode ser usada: {why}"),
        one_appkey: "--appkey-stdin: a entrada padrão deve conter exatamente uma appkey",
        passed: "APROVADO",
        not_passed: "NÃO APROVADO",
        unfinished: "EM ANDAMENTO",
        unclear: "INCONCLUSIVO",
        no_status: "o fornecedor não informou a situação",
        liveness_passed: "aprovada",
        liveness_not_passed: "não aprovada",
        with_code: |words, code| format!("{words} (código {code})"),
        no_information: |score| format!("sem informação ({score})"),
        risk_of: |class, score| format!("{class} ({score} de 1000)"),
        same_person: "mesma pessoa",
        different_person: "outra pessoa",
        score: |score| comma(&format!("score {score}")),
        risk_very_low: "muito baixo",
        risk_low: "baixo",
        risk_medium: "médio",
        risk_high: "alto",
        risk_very_high: "muito alto",
        whole_key: "criada para uma pessoa",
        whole_challenge: |faces, frames| format!("{faces} expressões a fazer, {frames} quadros cada"),
        whole_approved: |summary| format!("aprovado, {summary}"),
        whole_not_approved: |summary| format!("não aprovado, {summary}"),
        whole_document: "aceito (uma fotografia de amostra faz as vezes do documento)",
        whole_retake: |reason| format!("é preciso refazer: {reason}"),
        no_reason: "motivo não informado",
        running: "rodando a jornada no sandbox",
    },
    bankly: Bankly {
        whole: |how| {
            format!(
                "SIMULADO: um cadastro no sandbox embutido{how} com uma foto de amostra; nada sai desta máquina"
            )
        },
        mutual_tls: " por TLS mútuo",
        selfie: "selfie",
        front: "frente",
        back: "verso",
        submitting: "enviando a imagem",
        accepted: "ACEITA",
        in_progress: |image| format!("{image}: análise em andamento"),
        waiting: "aguardando a análise",
        querying: "consultando as análises",
        valid: "válida",
        not_valid: |reasons| format!("não é válida: {reasons}"),
        analysed: |status| format!("em análise ({status})"),
        being_analysed: "em análise",
        not_known: "a Bankly não a conhece",
        no_live_person: "sem prova de vida",
        no_face: "nenhum rosto",
        many_faces: "mais de um rosto",
        unmatched: "o rosto não confere com o da selfie",
        no_document: "nenhum documento",
        unreadable: "documento ilegível",
        analysis_failed: "a análise falhou",
        no_reason: "a resposta não informa o motivo",
        complete: "CONCLUÍDO",
        may_open: "as três imagens são válidas: a conta pode ser aberta",
        may_open_by_tokens: "as três imagens são válidas: a conta pode ser aberta com os tokens delas",
        headline_valid: "VÁLIDO",
        so_far: |images| format!("até agora: {images}"),
        headline_invalid: "NÃO É VÁLIDO",
        headline_unclear: "INCONCLUSIVO",
        contradictory: |images| format!("{images}: a resposta está incompleta ou se contradiz"),
        headline_pending: "EM ANÁLISE",
        headline_unknown: "DESCONHECIDO",
        not_yet_known: |images| format!("{images}: a Bankly não conhece, ou ainda não"),
        headline_doubt: "EM DÚVIDA",
        lost: |image| format!("{image}: a resposta se perdeu"),
        headline_none: "SEM IMAGEM",
        none: "a Bankly não tem imagem deste cadastro",
        arrived: "a resposta se perdeu, mas a Bankly tem a imagem",
        not_arrived: "a resposta se perdeu, e a Bankly não lista exatamente uma imagem nova: ela ainda pode tê-la",
        next_later: "`kyc bankly status`, mais tarde; ou envie de novo com --not-received se a Bankly não a tiver",
        next_tokens: "`kyc bankly status --show-tokens` mostra os tokens",
        submitted_times: |image, times| format!("{image}, enviada {times} vezes"),
        none_submitted: "nenhuma imagem foi enviada",
        whole_lost: |image| {
            format!("a de {image} se perdeu; uma consulta confirmou que a Bankly tem a imagem")
        },
        other_person: "contém o cadastro de outra pessoa: escolha outro arquivo com --onboarding, ou substitua-o com --force",
        no_onboarding: "não contém cadastro: inicie um com `kyc bankly upload --cpf CPF --selfie FILE`",
        is_not_onboarding: "não é um arquivo de cadastro do `kyc bankly upload`",
        running: "rodando o cadastro no sandbox",
    },
    sandbox: SandboxWords {
        console: "Console",
        inputs: |url| format!("Entradas de teste, estado e rotas de controle: {url}"),
        variables: |command| format!("Variáveis de ambiente de um cliente: `{command}`"),
        no_port: "--env: falta uma porta: com --port 0, o endereço só é conhecido quando o sandbox roda",
        port_in_use: |address, port| {
            format!(
                "não é possível escutar em {address}, porta {port}: está em uso; escolha outra com --port N, ou uma livre com --port 0"
            )
        },
        closed: "fechada",
    },
    listen: webhooks::LISTEN,
    refusals: webhooks::REFUSALS,
    registration: webhooks::REGISTRATION,
    inbox: webhooks::INBOX,
    inbox_errors: webhooks::INBOX_ERRORS,
    trigger: webhooks::TRIGGER,
};

/// Writes decimals with a comma.
fn comma(number: &str) -> String {
    number.replace('.', ",")
}

/// What the sandbox says of a picture that cannot be compared, which the header `X-Sandbox-Simulated` has in English.
fn seen(what: &str) -> String {
    let places = [("the first picture ", "a primeira foto"), ("the second picture ", "a segunda foto")];
    let found = places.iter().find_map(|(english, place)| Some((place, what.strip_prefix(english)?)));
    let Some((place, defect)) = found else { return what.to_owned() };
    let defect = match defect {
        "has no face" => "não tem rosto",
        "has more than one face" => "tem mais de um rosto",
        "has a face that is turned" => "tem um rosto virado",
        "cannot be read" => "não pôde ser lida",
        other => other,
    };
    format!("{place} {defect}")
}

/// Says what happened, whether the request was sent, and what to do.
pub(super) fn library_error(error: &Error) -> String {
    let (what, advice) = match error.kind() {
        ErrorKind::Config => ("configuração inutilizável", "corrija a configuração"),
        ErrorKind::InvalidInput => ("valor inválido", "corrija o valor"),
        ErrorKind::Unauthenticated => ("credenciais recusadas", "confira as credenciais"),
        ErrorKind::Forbidden => ("sem permissão", "peça a permissão ao fornecedor"),
        ErrorKind::QuotaExhausted => {
            ("créditos ou volume esgotados", "compre créditos ou aumente o volume do contrato")
        }
        ErrorKind::Expired => ("chave ou token vencido", "comece de novo com uma chave nova"),
        ErrorKind::NotFound => ("o fornecedor não conhece o id", "confira o id e o ambiente"),
        ErrorKind::Rejected => ("o fornecedor rejeitou a requisição", "leia a mensagem do fornecedor"),
        ErrorKind::RateLimited => ("requisições demais", "reduza o ritmo e tente novamente"),
        ErrorKind::Unavailable => ("o fornecedor está indisponível", "tente novamente mais tarde"),
        ErrorKind::Transport => ("falha de rede", "tente novamente mais tarde"),
        ErrorKind::Timeout if error.delivery() == Delivery::Answered => {
            ("o resultado ainda não saiu", "consulte de novo mais tarde")
        }
        ErrorKind::Timeout => ("tempo esgotado", "tente novamente mais tarde"),
        ErrorKind::Decode => {
            ("a resposta não pôde ser decodificada", "relate o problema aos mantenedores do kyc-br")
        }
        ErrorKind::Unsupported => ("o fornecedor não oferece isso", "use outro fornecedor ou outra operação"),
        _ => ("erro", "leia o detalhe"),
    };
    let sent = match error.delivery() {
        Delivery::NotSent => "nada foi enviado",
        Delivery::Refused => "o fornecedor recusou sem processar",
        Delivery::Answered if error.kind() == ErrorKind::Timeout => "o fornecedor continua processando",
        Delivery::Answered => "o fornecedor respondeu",
        _ => "foi enviado, mas nenhuma resposta completa chegou",
    };
    // A submission that may have been processed is never to be repeated.
    let is_in_doubt = match error.operation_id() {
        Some(id) => id.is_reference() || error.may_have_landed() || error.delivery() != Delivery::Answered,
        // Of a paid call; the error of another one is transient.
        None => error.may_have_landed() && error.kind() != ErrorKind::Decode && !error.is_transient(),
    };
    let advice = if is_in_doubt { "não envie de novo" } else { advice };
    format!("{}: {what}; {sent}; {advice}", error.vendor().name())
}
