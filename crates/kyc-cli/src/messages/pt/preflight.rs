//! The texts of `kyc preflight` in Portuguese.

use crate::messages::{Preflight, PreflightHelp};

pub(super) const HELP: PreflightHelp = PreflightHelp {
    about: "Olha as fotos nesta máquina antes de pagar a um fornecedor por elas",
    long_about: "Olha as fotos nesta máquina antes de pagar a um fornecedor por elas: se os limites documentados de algum \
                 fornecedor as recusam e o que pode atrapalhar a leitura.\n\n\
                 Nada sai desta máquina, e não é preciso configurar nada. É uma orientação, não um veredito: não medimos \
                 com que frequência ela erra, nem se erra mais conforme o tom de pele, a idade ou uma deficiência. Nunca \
                 recuse uma pessoa por causa dela.\n\n\
                 Termina com 1 se um fornecedor recusa uma foto pelos seus limites, com 10 se há orientação, com 9 se não \
                 foi possível olhar uma foto e com 0 nos outros casos.",
    files: "As fotos, ou - para ler da entrada padrão",
    item: "O que cada foto deve ser; repita para cada arquivo, na ordem; o último vale para os demais",
    kind: "O tipo do documento: dele depende se há um rosto na frente",
    vendor: "Confere os limites deste fornecedor; pode ser repetido; sem a opção, os dos configurados ou, se não \
             houver, os de todos",
};

pub(super) const WORDS: Preflight = Preflight {
    note: "as fotos foram vistas só nesta máquina; isto é uma orientação, não um veredito",
    row_note: "LOCAL",
    good: "BOA",
    retake: "REFAZER",
    refused: "RECUSADA",
    unseen: "NÃO VISTA",
    file: |file, item| format!("{file}, como {item}"),
    selfie: "foto do rosto",
    front: "frente de um documento",
    back: "verso de um documento",
    capture: "quadro de uma captura",
    row_picture: "foto",
    pixels: |width, height| format!("{width} x {height} pixels"),
    size: |kib| format!("{kib} KiB"),
    row_faces: "rostos",
    faces: |count, width, roll| {
        format!("{count}; o maior tem {width} pixels de largura e inclinação de {roll}°")
    },
    no_face: "nenhum rosto",
    not_searched: "não procurados no verso",
    row_measures: "medidas",
    measures: |sharpness, brightest| {
        format!("nitidez {}, brilho {brightest} de 255", sharpness.replace('.', ","))
    },
    row_unseen: "não vista",
    no_picture: "não é uma imagem de formato conhecido",
    other_format: |format| format!("{format} não pode ser visto aqui; fornecedores podem aceitar"),
    animated: "é animada",
    too_large: |width, height| format!("{width} x {height} pixels são demais para ver aqui"),
    truncated: "falta o fim do arquivo",
    damaged: |format| format!("{format} danificado"),
    row_refused: "recusada",
    refusal: |vendor, checks, rule| format!("por {vendor} ({checks}): {rule}"),
    row_advice: "orientação",
    row_say: "diga",
    many_faces: "mais de um rosto",
    small_face: "rosto pequeno",
    turned: "fora de posição",
    cut_off: "rosto cortado",
    blurred: "borrada",
    too_dark: "escura demais",
    too_bright: "clara demais",
    same_picture: "a mesma foto que outra",
    unviewable: "o arquivo não abre",
    too_many: |most| format!("no máximo {most} de uma vez"),
};
