import tseslint from "typescript-eslint";

const kit = {
  group: ["@mantine/*"],
  message: "The kit is wrapped in src/ui; take the part from there, or wrap it there.",
};

export default tseslint.config(
  { ignores: ["node_modules", "src/api/generated"] },
  ...tseslint.configs.strict,
  {
    rules: {
      "no-restricted-imports": ["error", { patterns: [kit] }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text is text; never markup." },
      ],
    },
  },
  { files: ["src/ui/**"], rules: { "no-restricted-imports": "off" } },
);
