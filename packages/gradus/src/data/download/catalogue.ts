import { type DownloadableName, isDownloadable } from "./names.ts";

/** A downloadable file. */
export interface CatalogueFile {
  /** Its name in the data directory. */
  readonly name: string;
  /** Where it is published, in order of preference. */
  readonly urls: readonly string[];
  /** Checksum of the published file; absent if none is published. */
  readonly sha256?: string;
  readonly bytes?: number;
  /** Rows and columns of a LIBSVM file as stated on its page, checked when there is no checksum. */
  readonly libsvm?: { readonly rows: number; readonly columns: number };
  /** Path of a copy with the same content from a system package. */
  readonly installed?: string;
}

/** A downloadable data set. */
export interface CatalogueSet {
  readonly title: string;
  readonly source: string;
  readonly license: string;
  readonly files: readonly CatalogueFile[];
}

type ImageFile = readonly [file: string, bytes: number, sha256: string];

function imageFiles(
  set: string,
  folders: readonly string[],
  files: readonly ImageFile[],
  installedFolder?: string,
): CatalogueFile[] {
  return files.map(([file, bytes, sha256]) => ({
    name: `${set}-${file}`,
    urls: folders.map((folder) => `${folder}${file}`),
    bytes,
    sha256,
    ...(installedFolder && { installed: `${installedFolder}${file}` }),
  }));
}

const LIBSVM_PAGE = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/";

function libsvmFiles(columns: number, files: Readonly<Record<string, number>>): CatalogueFile[] {
  return Object.entries(files).map(([file, rows]) => ({
    name: `${file}.libsvm.txt`,
    urls: [`${LIBSVM_PAGE}${file}`],
    libsvm: { rows, columns },
  }));
}

const UCI = "UCI Machine Learning Repository; as coded on the LIBSVM data page";
const CC_BY = "CC BY 4.0";

/**
 * The data sets that `downloadDataset` can fetch. Checksums are of the files as their publishers compressed them. For
 * sets from the LIBSVM page no checksum is published, so their rows and columns are checked instead.
 */
export const downloadableSets = {
  mnist: {
    title: "MNIST handwritten digits, 60000 + 10000 images of 28 x 28",
    source: "Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits",
    license: "CC BY-SA 3.0",
    files: imageFiles(
      "mnist",
      [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
      ],
      [
        [
          "train-images-idx3-ubyte.gz",
          9912422,
          "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ],
        [
          "train-labels-idx1-ubyte.gz",
          28881,
          "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ],
        [
          "t10k-images-idx3-ubyte.gz",
          1648877,
          "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ],
        [
          "t10k-labels-idx1-ubyte.gz",
          4542,
          "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ],
      ],
    ),
  },
  "fashion-mnist": {
    title: "Fashion-MNIST articles of clothing, 60000 + 10000 images of 28 x 28",
    source: "H. Xiao, K. Rasul, R. Vollgraf 2017, Fashion-MNIST, arXiv 1708.07747 (Zalando SE)",
    license: "MIT",
    files: imageFiles(
      "fashion-mnist",
      [
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      ],
      [
        [
          "train-images-idx3-ubyte.gz",
          26421880,
          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ],
        [
          "train-labels-idx1-ubyte.gz",
          29515,
          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ],
        [
          "t10k-images-idx3-ubyte.gz",
          4422102,
          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ],
        [
          "t10k-labels-idx1-ubyte.gz",
          5148,
          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
      ],
      "/usr/share/datasets/fashion-mnist/", // Debian's package dataset-fashion-mnist
    ),
  },
  a9a: {
    title: "Adult (income), 32561 + 16281 rows of 123 zeros and ones",
    source: `B. Becker, R. Kohavi 1996, Adult, ${UCI}`,
    license: CC_BY,
    files: libsvmFiles(123, { a9a: 32561, "a9a.t": 16281 }),
  },
  w8a: {
    title: "Web pages, 49749 + 14951 rows of 300 zeros and ones",
    source: "J. Platt 1998, Fast training of support vector machines using sequential minimal optimization",
    license: "not stated by the author",
    files: libsvmFiles(300, { w8a: 49749, "w8a.t": 14951 }),
  },
  phishing: {
    title: "Phishing websites, 11055 rows of 68 features, rows of length 1",
    source: `R. Mohammad, L. McCluskey 2015, Phishing Websites, ${UCI}`,
    license: CC_BY,
    files: libsvmFiles(68, { phishing: 11055 }),
  },
  splice: {
    title: "Splice junctions of DNA, 1000 + 2175 rows of 60 features",
    source:
      "Delve, after Molecular Biology (Splice-junction Gene Sequences), UCI Machine Learning Repository",
    license: CC_BY,
    files: libsvmFiles(60, { splice: 1000, "splice.t": 2175 }),
  },
  sonar_scale: {
    title: "Sonar returns of mines and rocks, 208 rows of 60 features in [-1, 1]",
    source: `T. Sejnowski, R. Gorman, Connectionist Bench (Sonar, Mines vs. Rocks), ${UCI}`,
    license: CC_BY,
    files: libsvmFiles(60, { sonar_scale: 208 }),
  },
} as const satisfies Record<DownloadableName, CatalogueSet>;

/** The data set to which a file of the data directory belongs, and the file's entry. */
export function catalogueEntry(
  fileName: string,
): { readonly set: DownloadableName; readonly file: CatalogueFile } | undefined {
  for (const set of Object.keys(downloadableSets).filter(isDownloadable))
    for (const file of downloadableSets[set].files) if (file.name === fileName) return { set, file };
  return undefined;
}
