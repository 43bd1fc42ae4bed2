//! The texts about batches in Brazilian Portuguese.

use crate::messages::{BatchHelp, BatchWords};

pub(super) const HELP: BatchHelp = BatchHelp {
    output: "Com --batch: grava os resultados neste arquivo e continua nele após uma interrupção; o padrão é a saída padrão",
    concurrency: "Com --batch: quantas pessoas são verificadas ao mesmo tempo",
};

pub(super) const WORDS: BatchWords = BatchWords {
    reading: "lendo o arquivo",
    empty: "está vazio; a primeira linha deve ter os nomes das colunas, como referencia, cpf, nome",
    no_column: |name| format!("a primeira linha não tem a coluna \"{name}\""),
    column_twice: |name| format!("a primeira linha tem a coluna \"{name}\" duas vezes"),
    unread: |numbers| format!("colunas que não são lidas: {numbers}"),
    line: |line, what| format!("linha {line}: {what}"),
    line_too_long: "tem mais de 16 KiB",
    too_many_cells: "tem mais de 100 células",
    open_quote: "há aspas que não fecham",
    not_text: "deve ser texto",
    too_long: "tem mais de 200 caracteres",
    is_required: "é obrigatório",
    required_with_front: "é obrigatório com front",
    required_with_back: "é obrigatório com back",
    no_cpf: "deve ter 11 dígitos",
    check_digits: "os dígitos verificadores não conferem",
    no_date: "deve ser uma data, como 31/01/1990",
    no_kind: "deve ser rg, cnh, cin, dni, rne, crnm ou passport",
    outside: "deve estar abaixo da pasta do arquivo",
    runs_elsewhere: "outro processo executa o caso desta referência: execute o mesmo comando de novo mais tarde",
    not_results: "existe e não contém resultados deste formato: escolha outro arquivo",
    other_store: "os resultados no arquivo de --output são de casos que não estão neste armazenamento: indique o dele, ou outro arquivo",
    so_far: |done, total| format!("{done} de {total}"),
    at_rate: |so_far, rate, left| format!("{so_far}; {rate}, faltam {left}"),
    summary: |approved, refused, review, waiting, took| {
        format!(
            "aprovadas {approved}, recusadas {refused}, em análise {review}, aguardando {waiting}; {took}"
        )
    },
    known: |count| format!("já conhecidas: {count}"),
    bad_lines: |count| format!("linhas que não podem ser usadas: {count}"),
    lost_zeros: |count| {
        format!(
            "CPFs que tinham perdido os zeros à esquerda: {count}; foram completados, e os dígitos verificadores conferem"
        )
    },
    uncertain: |count| format!("consultas que podem ter sido pagas, sem resposta: {count}"),
    interrupted: "interrompido; o mesmo comando continua, e nada é pago duas vezes",
    vendor_fails: |count, vendor| {
        format!(
            "as consultas a {vendor} falharam para {count} pessoas seguidas, e nenhuma outra foi iniciada; resolvida a causa, o \
             mesmo comando continua"
        )
    },
};
