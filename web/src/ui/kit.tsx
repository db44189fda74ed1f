/** The kit of components, dressed in our tokens: the only place that knows it. */
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/Paper.css";
import "./tokens.css";
import "./kit.css";

import { createTheme, DirectionProvider, MantineProvider, useDirection } from "@mantine/core";
import { useEffect, type ReactNode } from "react";

import type { Theme } from "../preferences";

const theme = createTheme({ fontFamily: "var(--font)", defaultRadius: 4, respectReducedMotion: true });

/** Gives the parts below it their theme; no style is injected, which the policy of the pages forbids. */
export function Kit({ theme: scheme, right, children }: { theme: Theme; right: boolean; children: ReactNode }) {
  return (
    <DirectionProvider initialDirection={right ? "rtl" : "ltr"} detectDirection={false}>
      <Direction right={right} />
      <MantineProvider
        theme={theme}
        forceColorScheme={scheme}
        withCssVariables={false}
        withGlobalClasses={false}
        deduplicateInlineStyles={false}
      >
        {children}
      </MantineProvider>
    </DirectionProvider>
  );
}

/** Tells the kit of a change of direction; what is open and typed stays. */
function Direction({ right }: { right: boolean }) {
  const { setDirection } = useDirection();
  useEffect(() => { setDirection(right ? "rtl" : "ltr"); }, [right, setDirection]);
  return null;
}
